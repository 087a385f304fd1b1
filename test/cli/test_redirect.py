"""The redirect server (RFC 3261 s8.3) on the wire: domains and routes that answer 3xx."""

import re
import select

import rig

CONFIG = """
auth: { register: false, invite: false }
routes:
  - { match: "sip:1@*", mode: redirect, to: "sip:one@example.net" }
  - { match: "sip:2*@*", mode: redirect, to: ["sip:example.net", "sip:two@example.com;transport=tcp"] }
  - { match: "sip:3@*", mode: redirect, to: "sip:three@example.net", status: 301 }
  - { match: "sip:4@*", mode: redirect, to: ["sip:4@elsewhere.test", "sip:x@h"] }
  - { match: "sip:5@*", mode: redirect, to: "sip:elsewhere.test" }
"""


class Redirect(rig.Case):
    def setUp(self):
        super().setUp()
        self.init()
        text = re.sub(r"domains:\n.*?\n", "domains:\n  - localhost\n"
                      "  - { name: elsewhere.test, mode: redirect }\n",
                      self.read("tsuwa.yaml"), flags=re.S)
        self.write("tsuwa.yaml", text + CONFIG)
        self.tsuwa("user", "add", "bob@elsewhere.test", "--password-stdin", stdin="pw\n")
        self.server = self.serve()
        self.phones = []

    def tearDown(self):
        for phone in self.phones:
            phone.close()
        super().tearDown()

    def phone(self):
        self.phones.append(rig.Phone(self.server))
        return self.phones[-1]

    def ask(self, uri, method="INVITE"):
        """Status and Contact values of the answer."""
        status, text = self.phone().request(method, uri, "eve@stranger.test")
        return status, re.findall(r"^Contact: (.*?)\r$", text, re.M)

    def test_routes(self):
        self.assertEqual(self.ask("sip:1@localhost"), (302, ["<sip:one@example.net>"]))
        self.assertEqual(self.ask("sip:22@localhost"),
                         (300, ["<sip:22@example.net>;q=1.0",
                                "<sip:two@example.com;transport=tcp>;q=0.9"]))
        self.assertEqual(self.ask("sip:3@localhost"), (301, ["<sip:three@example.net>"]))
        self.assertEqual(self.ask("sip:1@localhost", "MESSAGE"), (302, ["<sip:one@example.net>"]))
        self.assertIn('redirected 302 "Moved Temporarily" method=INVITE from=sip:eve@stranger.test',
                      self.server.said())

    def test_no_loop(self):
        """What was asked for is never the answer."""
        self.assertEqual(self.ask("sip:4@elsewhere.test"), (302, ["<sip:x@h>;q=0.9"]))
        self.assertEqual(self.ask("sip:4@ELSEWHERE.test"), (302, ["<sip:x@h>;q=0.9"]))
        self.assertEqual(self.ask("sip:5@elsewhere.test"), (404, []))

    def register(self, *contacts):
        lines = "".join(f"Contact: {c}\r\n" for c in contacts)
        status, text = self.phone().request("REGISTER", "sip:elsewhere.test", "bob@elsewhere.test",
                                            lines + "Expires: 300\r\n", contact=False)
        self.assertEqual(status, 200, text)

    def test_domain(self):
        self.assertEqual(self.ask("sip:bob@elsewhere.test"), (480, []))
        self.assertEqual(self.ask("sip:nobody@elsewhere.test"), (404, []))
        self.register('<sip:bob@192.0.2.1>;+sip.instance="<urn:x>"')
        status, contacts = self.ask("sip:bob@elsewhere.test")
        self.assertEqual(status, 302)
        self.assertEqual(len(contacts), 1)
        self.assertRegex(contacts[0], r'^<sip:bob@192\.0\.2\.1>;expires=(299|300);'
                                      r'\+sip\.instance="<urn:x>"$')
        self.register("<sip:bob@192.0.2.2>;q=0.5", "<sip:bob@192.0.2.3>;q=0.7;expires=100")
        status, contacts = self.ask("sip:bob@elsewhere.test", "MESSAGE")
        self.assertEqual(status, 300)
        for contact, want in zip(contacts, (
                r"<sip:bob@192\.0\.2\.1>;expires=(2..|300);\+sip.*",
                r"<sip:bob@192\.0\.2\.3>;q=0\.700;expires=(9.|100)",
                r"<sip:bob@192\.0\.2\.2>;q=0\.500;expires=(2..|300)"), strict=True):
            self.assertRegex(contact, f"^{want}$")
        self.assertEqual(self.ask("sips:bob@elsewhere.test"), (480, []))

    def test_domain_loop(self):
        self.register("<sip:bob@elsewhere.test>")
        self.assertEqual(self.ask("sip:bob@elsewhere.test"), (480, []))

    def test_ack(self):
        """The ACK of a 3xx ends its repetitions, and goes nowhere."""
        phone = self.phone()
        _, text = phone.request("INVITE", "sip:1@localhost", "eve@stranger.test")
        self.assertEqual(phone.receive().split()[1], "302")     # again, for no ACK came
        phone.socket.send(("ACK sip:1@localhost SIP/2.0\r\n" + "".join(
            line + "\r\n" for line in text.split("\r\n") if re.match("(Via|From|To|Call-ID):", line)) +
            "CSeq: 1 ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n").encode())
        got, _, _ = select.select([phone.socket], [], [], 1.2)  # the next would come after 1 s
        self.assertEqual(got, [])
        self.assertEqual(self.json("status")["calls"]["forwarded"], 0)

    def test_reload(self):
        self.assertEqual(self.ask("sip:bob@elsewhere.test")[0], 480)
        self.register("<sip:bob@192.0.2.1>")
        self.write("tsuwa.yaml", self.read("tsuwa.yaml").replace("status: 301", "status: 300"))
        self.server.signal(1)
        self.server.until_said("configuration was taken")
        tries = 0
        while self.ask("sip:3@localhost")[0] != 300:
            tries += 1
            self.assertLess(tries, 100000)


if __name__ == "__main__":
    rig.main()
