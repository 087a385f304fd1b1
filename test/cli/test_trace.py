"""tsuwa trace: calls and ladders of a running server."""

import json
import re
import select
import subprocess

import rig

ASCII = {"LC_ALL": "C", "COLUMNS": "100"}


class Trace(rig.Case):
    def setUp(self):
        super().setUp()
        self.init()

    def json(self, *words):
        return json.loads(self.tsuwa("trace", *words, "--json"))

    def phone(self, server):
        phone = rig.Phone(server)
        self.addCleanup(phone.close)
        return phone

    def call_echo(self, server):
        """A whole call by the program's own user agent; gives its Call-ID."""
        account = re.sub(r"(?m)^proxy:.*$", 'proxy: "%s:%d"' % server.ports["udp"],
                         self.read("alice.account"))
        self.write("alice.account", account)
        self.tsuwa("call", "sip:echo@localhost", "--account", "alice.account",
                   "--duration", "100ms")
        return self.json("--user", "echo@")[0]["call_id"]

    def test_ladder(self):
        server = self.serve()
        call_id = self.call_echo(server)
        out = self.tsuwa("trace", call_id[:12], env=ASCII)
        lines = out.splitlines()
        self.assertEqual(lines[0], "Call-ID  " + call_id)
        self.assertRegex(lines[1], r"^began    \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}, "
                                   r"\d+ messages, \d+ retransmissions$")
        self.assertRegex(lines[3], r"^ +alice +tsuwa$")
        self.assertRegex(lines[4], r"^ +udp 127\.0\.0\.1:\d+ +udp 127\.0\.0\.1:%d$"
                         % server.ports["udp"][1])
        arrows = [re.sub(r"-+", "-", l) for l in lines if l.startswith("+")]
        media = r"(| audio 127\.0\.0\.1:\d+ PCMU.*)$"
        for arrow, want in zip(arrows, (
                r"\|- INVITE \(\d+\) ->\|" + media,
                r"\|<- 407 Proxy A.* \(\d+\) -\|$",
                r"\|- ACK \(\d+\) ->\|$",
                r"\|- INVITE \(\d+\) ->\|" + media,
                r"\|<- 200 OK \(\d+ INVITE\) -\|" + media,
                r"\|- ACK \(\d+\) ->\|$",
                r"\|- BYE \(\d+\) ->\|$",
                r"\|<- 200 OK \(\d+ BYE\) -\|$"), strict=True):
            self.assertRegex(arrow, r"^\+\d+\.\d{3}s +" + want, out)
        self.assertEqual(len(re.findall("audio 127.0.0.1:", out)), 3)
        self.assertLessEqual(max(map(len, lines)), 100)
        self.assertIn("──→│", self.tsuwa("trace", call_id, env={"LC_ALL": "C.UTF-8"}))
        bodies = self.tsuwa("trace", call_id, "--bodies", env=ASCII)
        self.assertIn("\n           INVITE sip:echo@localhost SIP/2.0\n", bodies)
        self.assertIn("\n           m=audio ", bodies)

    def test_list(self):
        server = self.serve()
        self.assertEqual(self.json(), [])
        call_id = self.call_echo(server)
        phone = self.phone(server)
        phone.request("OPTIONS", "sip:localhost", "carol@localhost")
        rows = self.json()
        self.assertEqual([r["method"] for r in rows], ["OPTIONS", "INVITE"])
        self.assertEqual(rows[1]["call_id"], call_id)
        self.assertEqual((rows[1]["status"], rows[1]["reason"], rows[1]["messages"]),
                         (200, "OK", 8))
        self.assertEqual(rows[1]["to"], "sip:echo@localhost")
        self.assertEqual(len(self.json("--last", "1")), 1)
        self.assertEqual([r["method"] for r in self.json("--user", "ALICE")], ["INVITE"])
        self.assertEqual(self.json("--user", "dave"), [])
        self.assertRegex(self.tsuwa("trace"),
                         r"(?s)^LAST .*OPTIONS.*INVITE +sip:alice@localhost +sip:echo@localhost +"
                         r"200 OK +8 +" + call_id)

    def test_retransmissions(self):
        server = self.serve()
        phone = self.phone(server)
        for _ in range(3):
            phone.cseq = 0
            phone.request("OPTIONS", "sip:localhost", "alice@localhost")
        call_id = self.json()[0]["call_id"]
        rows = self.json(call_id)
        self.assertEqual([(r["direction"], r["retransmissions"]) for r in rows],
                         [("in", 2), ("out", 2)])
        here, there = "%s:%d" % phone.socket.getsockname(), "%s:%d" % server.ports["udp"]
        self.assertEqual({k: rows[0][k] for k in ("transport", "from", "to", "start_line", "cseq")},
                         {"transport": "UDP", "from": here, "to": there, "cseq": 1,
                          "start_line": "OPTIONS sip:localhost SIP/2.0"})
        self.assertEqual(rows[1]["to"], here)
        self.assertNotIn("message", rows[0])
        self.assertTrue(self.json(call_id, "--bodies")[1]["message"].startswith("SIP/2.0 200 OK"))
        self.assertRegex(self.tsuwa("trace", call_id, env=ASCII), r"OPTIONS \(1\) -+>\| \(x3 over ")

    def test_every_message_once(self):
        """Also what transactions send by themselves: CANCEL, ACK, retransmissions."""
        self.write("tsuwa.yaml", self.read("tsuwa.yaml") +
                   "\nauth: { register: false, invite: false }\n")
        server = self.serve()
        alice, bob = self.phone(server), self.phone(server)
        self.assertEqual(bob.register("bob", "localhost", ""), 200)
        alice.send("INVITE", "sip:bob@localhost", "alice@localhost")
        invite = bob.receive()
        self.assertEqual(bob.receive(), invite)
        bob.socket.send(self.response(invite, "180 Ringing"))
        while "180 Ringing" not in alice.receive():
            pass
        alice.cseq -= 1
        alice.send("CANCEL", "sip:bob@localhost", "alice@localhost")
        while not (cancel := bob.receive()).startswith("CANCEL "):
            pass
        bob.socket.send(self.response(cancel, "200 OK"))
        bob.socket.send(self.response(invite, "487 Request Terminated"))
        while not bob.receive().startswith("ACK "):
            pass
        while "487 " not in alice.receive():
            pass
        rows = self.json(re.search(r"Call-ID: (.*)\r", invite).group(1))
        to_bob = [(r["start_line"].split()[0], r["retransmissions"]) for r in rows
                  if r["to"] == "%s:%d" % bob.socket.getsockname()]
        self.assertEqual(to_bob, [("INVITE", 1), ("CANCEL", 0), ("ACK", 0)])
        to_alice = [(r["start_line"].split()[1], r["cseq"]) for r in rows
                    if r["to"] == "%s:%d" % alice.socket.getsockname()]
        self.assertEqual(sorted(to_alice), [("100", 1), ("180", 1), ("200", 1), ("487", 1)])

    def response(self, request, status):
        kept = [l for l in request.split("\r\n")
                if l.split(":")[0] in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq")]
        kept = [l + ";tag=bob" if l.startswith("To:") else l for l in kept]
        return ("\r\n".join([f"SIP/2.0 {status}"] + kept + ["Content-Length: 0", "", ""])).encode()

    def test_secrets(self):
        """What a password could be guessed by is nowhere to be seen."""
        server = self.serve()
        phone = self.phone(server)
        self.assertEqual(phone.register(*self.account("alice")), 200)
        call_id = self.json()[0]["call_id"]
        for words in (("--raw",), ("--bodies",), ("--json", "--bodies")):
            out = self.tsuwa("trace", call_id, *words, env={"LC_ALL": "C.UTF-8"})
            self.assertRegex(out, r'response=\\?"…\\?"')
            self.assertNotRegex(out, r'response=\\?"[^…]')
        raw = self.tsuwa("trace", call_id, "--raw")
        self.assertTrue(raw.startswith("REGISTER sip:localhost SIP/2.0\nVia: "), raw)

    def test_lint(self):
        """What a message breaks stands beneath it, and a masked digest breaks nothing."""
        server = self.serve()
        phone = self.phone(server)
        self.assertEqual(phone.register(*self.account("alice")), 200)
        call_id = self.json()[0]["call_id"]
        rows = self.json(call_id, "--lint")
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertEqual([f for f in row["findings"] if f["level"] == "error"], [])
            self.assertTrue(row["verdict"])
        self.assertNotIn("findings", self.json(call_id)[0])
        self.assertRegex(self.tsuwa("trace", call_id, "--lint", env=ASCII),
                         r"\n    (note|warning) .*\(RFC \d+ s[\d.]+\)")
        self.assertIn("--lint needs a CALL-ID", self.tsuwa("trace", "--lint", code=2))

    def test_wrong(self):
        server = self.serve()
        self.call_echo(server)
        self.call_echo(server)
        self.assertIn('no message of a call "zz"', self.tsuwa("trace", "zz", code=1))
        first, second = (r["call_id"] for r in self.json())
        if first[0] == second[0]:
            err = self.tsuwa("trace", first[0], code=1)
            self.assertIn("several calls begin so: ", err)
        self.assertIn("--raw needs a CALL-ID", self.tsuwa("trace", "--raw", code=2))
        self.assertIn("--last", self.tsuwa("trace", "--last", "0", code=2))

    def test_off(self):
        self.write("tsuwa.yaml", self.read("tsuwa.yaml") + "\ntrace: { memory: 0 }\n")
        self.serve()
        self.assertIn("trace.memory is 0", self.tsuwa("trace", code=1))

    def test_memory_size(self):
        for bad in ("1KiB", "2GiB", "many", "4 MB", "99999999999999999999"):
            path = self.write("bad.yaml", f"trace: {{ memory: {bad} }}\n")
            err = self.tsuwa("serve", "-c", path, code=2)
            self.assertIn("trace.memory: expected 0 or a size from 64KiB to 1024MiB such as 4MiB, "
                          f'found "{bad}"', err)

    def test_small_memory(self):
        """The oldest make room; what stays is whole."""
        self.write("tsuwa.yaml",
                   self.read("tsuwa.yaml") + "\ntrace: { memory: 64KiB }\nworkers: 1\n")
        server = self.serve()
        phone = self.phone(server)
        for _ in range(200):
            phone.request("OPTIONS", "sip:localhost", "alice@localhost")
        rows = self.json(self.json()[0]["call_id"], "--bodies")
        self.assertIn(len(rows), range(50, 300))
        self.assertEqual(rows[-1]["cseq"], 200)
        for row in rows:
            self.assertIn("Content-Length: 0", row["message"])

    def test_follow(self):
        server = self.serve()
        phone = self.phone(server)
        phone.request("OPTIONS", "sip:localhost", "alice@localhost")
        call_id = self.json()[0]["call_id"]
        follow = subprocess.Popen([rig.TSUWA, "trace", call_id, "--follow", "--json"],
                                  cwd=self.dir, stdout=subprocess.PIPE, bufsize=0)
        try:
            self.assertEqual([self.next_row(follow)["cseq"] for _ in range(2)], [1, 1])
            phone.request("OPTIONS", "sip:localhost", "alice@localhost")
            self.assertEqual([self.next_row(follow)["cseq"] for _ in range(2)], [2, 2])
            server.stop()
            self.assertEqual(follow.wait(rig.WAIT_S), 1)
        finally:
            follow.kill()
            follow.wait()
            follow.stdout.close()

    def next_row(self, process):
        got, _, _ = select.select([process.stdout], [], [], rig.WAIT_S)
        self.assertTrue(got, "nothing more came")
        return json.loads(process.stdout.readline())


if __name__ == "__main__":
    rig.main()
