"""SIGHUP: what changes at once, what is named as fixed, what a mistake does."""

import json
import signal

import rig


class Reload(rig.Case):
    def setUp(self):
        super().setUp()
        self.init()
        self.server = self.serve()
        self.phone = rig.Phone(self.server)

    def tearDown(self):
        self.phone.close()
        super().tearDown()

    def reload(self, text, says):
        self.write("tsuwa.yaml", text)
        self.server.signal(signal.SIGHUP)
        self.server.until_said(says)

    def options(self, domain):
        return self.phone.request("OPTIONS", f"sip:{domain}", "alice@localhost")[0]

    def status(self, *words):
        return json.loads(self.tsuwa("status", "--json", *words))

    def test_policy(self):
        self.assertEqual(self.phone.register("eve", "localhost", "x"), 401)
        self.reload(self.read("tsuwa.yaml") + "\nauth: { register: false }\n",
                    "configuration was taken file=tsuwa.yaml")
        tries = 0
        while self.phone.register("eve", "localhost", "x") != 200:
            tries += 1
            self.assertLess(tries, 100000)

    def test_max_contacts(self):
        """More devices at once, and fewer again: those that are there may stay."""
        def text(n):
            return base + f"\nauth: {{ register: false }}\nregistrar: {{ max_contacts: {n} }}\n"
        base = self.read("tsuwa.yaml")
        phones = [self.phone] + [rig.Phone(self.server) for _ in range(2)]
        register = lambda phone: phone.register("bob", "localhost", "")
        self.reload(text(2), "configuration was taken")
        self.assertNotIn("max_contacts", self.server.said())
        tries = 0
        while register(phones[0]) != 200:
            tries += 1
            self.assertLess(tries, 100000)
        self.assertEqual([register(p) for p in phones], [200, 200, 403])
        self.write("tsuwa.yaml", text(3))
        self.server.signal(signal.SIGHUP)
        while register(phones[2]) != 200:
            tries += 1
            self.assertLess(tries, 100000)
        self.write("tsuwa.yaml", text(1))
        self.server.signal(signal.SIGHUP)
        other = rig.Phone(self.server)
        while (status := register(other)) == 200:
            self.tsuwa("registrations", "remove", "bob@localhost", "sip:bob@%s:%d" %
                       other.socket.getsockname())
        self.assertEqual(status, 403)
        self.assertEqual([register(p) for p in phones], [200, 200, 200])
        for phone in (*phones[1:], other):
            phone.close()

    def test_domains(self):
        text = self.read("tsuwa.yaml").replace('- "localhost"', "- localhost\n  - example.org")
        self.reload(text, "configuration was taken")
        self.assertEqual(self.status()["domains"], ["localhost", "example.org"])

    def test_mistake(self):
        self.write("good.yaml", self.read("tsuwa.yaml"))
        self.reload("bogus: 1\nworkers: x\n", "the one before stays")
        said = self.server.said()
        self.assertIn('tsuwa.yaml:1:1: unknown key "bogus"', said)
        self.assertIn("tsuwa.yaml:2:10: workers", said)
        self.assertEqual(self.status("-c", "good.yaml")["domains"], ["localhost"])
        self.assertEqual(self.options("localhost"), 200)

    def test_fixed(self):
        self.reload('listen: ["udp://127.0.0.1:9"]\nworkers: 7\ndatabase: x.db\n'
                    "media: { ports: 30000-30100 }\n", "configuration was taken")
        said = self.server.said()
        for key in ("listen", "workers", "database", "media.ports"):
            self.assertIn(f"only a restart helps key={key}\n", said)
        self.assertNotIn("key=durability", said)
        self.assertEqual(self.options("localhost"), 200)

    def test_level(self):
        self.options("localhost")
        self.assertNotIn("OPTIONS", self.server.said())
        self.reload(self.read("tsuwa.yaml") + "\nlog: { level: bytes }\n", "configuration was taken")
        tries = 0
        while "OPTIONS" not in self.server.said():
            self.options("localhost")
            tries += 1
            self.assertLess(tries, 100000)

    def test_many(self):
        for _ in range(20):
            self.server.signal(signal.SIGHUP)
            self.assertEqual(self.options("localhost"), 200)
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    rig.main()
