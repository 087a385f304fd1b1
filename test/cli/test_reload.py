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
