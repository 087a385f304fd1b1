"""tsuwa serve, status, registrations, calls: start, what is told, the end."""

import json
import os
import select
import signal
import socket
import tempfile

import rig


class Serve(rig.Case):
    def test_ready(self):
        self.init()
        server = self.serve()
        self.assertRegex(server.ready, r"^ready udp://127\.0\.0\.1:\d+ tcp://127\.0\.0\.1:\d+ "
                                       r"domains=localhost workers=\d+ database=tsuwa\.db "
                                       r"in \d+ ms\n$")
        self.assertEqual(server.stop(), 0)
        self.assertIn("ended", server.said())
        self.assertFalse(os.path.exists(self.path("tsuwa.db.sock")))

    def test_mistakes(self):
        self.write("tsuwa.yaml", "bogus: 1\nworkers: x\n")
        err = self.tsuwa("serve", code=2)
        self.assertEqual(len(err.splitlines()), 2)
        self.assertTrue(err.startswith('tsuwa.yaml:1:1: unknown key "bogus"\n'), err)

    def test_busy_port(self):
        self.init()
        for kind, name in ((socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")):
            with socket.socket(socket.AF_INET, kind) as s:
                s.bind(("127.0.0.1", 0))
                if name == "tcp":
                    s.listen()
                port = s.getsockname()[1]
                self.write("tsuwa.yaml", f'listen: ["{name}://127.0.0.1:{port}"]\n')
                err = self.tsuwa("serve", code=1)
            self.assertIn(f":{port}", err)
            self.assertIn(f"pid {os.getpid()}", err)

    def test_one_server_a_database(self):
        self.init()
        server = self.serve()
        err = self.tsuwa("serve", code=1)
        self.assertIn("is in use by another server", err)
        self.assertIn(str(server.process.pid), err)
        self.assertEqual(self.json("status")["pid"], server.process.pid)

    def test_status(self):
        self.init()
        server = self.serve()
        status = self.json("status")
        self.assertEqual(status["domains"], ["localhost"])
        self.assertEqual(status["users"], 2)
        self.assertEqual(status["listeners"][0]["port"], server.ports["udp"][1])
        self.assertGreater(status["memory_bytes"], 0)
        phone = rig.Phone(server)
        for _ in range(3):      # answered where they came in, or by their owner
            self.assertEqual(phone.request("OPTIONS", "sip:localhost", "x@localhost")[0], 200)
        self.assertEqual(phone.register("eve", "localhost", "x"), 401)
        phone.close()
        messages = self.json("status")["messages"]
        self.assertEqual(messages["requests"], 5)
        self.assertEqual(messages["answered"]["2xx"], 3)
        text = self.tsuwa("status")
        self.assertIn(f"process {server.process.pid}", text)
        self.assertIn(f"UDP 127.0.0.1:{server.ports['udp'][1]}", text)

    def test_no_server(self):
        self.init()
        for words in (("status",), ("registrations",), ("calls", "--json")):
            err = self.tsuwa(*words, code=1)
            self.assertIn("no server runs on this configuration (nobody answers at tsuwa.db.sock)",
                          err)
            self.assertIn("start it with: tsuwa serve -c tsuwa.yaml", err)

    def test_registrations(self):
        self.init()
        server = self.serve()
        phone = rig.Phone(server)
        self.assertEqual(phone.register(*self.account("alice")), 200)
        rows = self.json("registrations")
        self.assertEqual(len(rows), 1)
        row = rows[0]
        self.assertEqual(row["aor"], "alice@localhost")
        self.assertEqual(row["transport"], "UDP")
        self.assertEqual(row["source"], "%s:%d" % phone.socket.getsockname())
        self.assertEqual(row["user_agent"], "cli test")
        self.assertIn(row["expires_s"], range(590, 601))
        self.assertEqual(self.json("registrations", "alice@localhost"), rows)
        self.assertEqual(self.json("registrations", "sip:alice@127.0.0.1"), rows)
        self.assertEqual(self.json("registrations", "bob@localhost"), [])
        self.assertIn("is no address", self.tsuwa("registrations", "a b@c d", code=1))
        self.assertIn("alice@localhost", self.tsuwa("registrations"))
        status = self.json("status")
        self.assertEqual(status["registrations"], {"users": 1, "contacts": 1})
        self.assertEqual(status["auth"]["accepted"], 1)
        self.assertEqual(self.json("calls"), [])
        phone.close()

    def test_killed(self):
        """kill -9 at once after the answer: nothing is lost, and the next start is not in its way."""
        self.init()
        server = self.serve()
        phone = rig.Phone(server)
        self.assertEqual(phone.register(*self.account("alice")), 200)
        server.signal(signal.SIGKILL)
        server.wait()
        self.assertTrue(os.path.exists(self.path("tsuwa.db.sock")))
        self.serve()
        self.assertEqual([r["aor"] for r in self.json("registrations")], ["alice@localhost"])
        phone.close()

    def test_users_at_once(self):
        self.init()
        server = self.serve()
        phone = rig.Phone(server)
        self.assertEqual(phone.register("carol", "localhost", "pw"), 401)
        self.tsuwa("user", "add", "carol@localhost", "--password-stdin", stdin="pw\n")
        tries = 0
        while phone.register("carol", "localhost", "pw") != 200:
            tries += 1
            self.assertLess(tries, 100000)
        self.tsuwa("user", "remove", "carol@localhost")
        while phone.register("carol", "localhost", "pw") == 200:
            tries += 1
            self.assertLess(tries, 100000)
        phone.close()

    def test_knocked_at(self):
        """Requests that wait when the server begins are answered like any other."""
        self.init()
        self.open_doors()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.write("tsuwa.yaml", self.read("tsuwa.yaml").replace("udp://127.0.0.1:0",
                                                                 f"udp://127.0.0.1:{port}"))
        for _ in range(8):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.bind(("127.0.0.1", 0))
                text = ("MESSAGE sip:nobody@localhost SIP/2.0\r\n"
                        f"Via: SIP/2.0/UDP 127.0.0.1:{s.getsockname()[1]};branch=z9hG4bK%d\r\n"
                        "From: <sip:eve@stranger.test>;tag=1\r\nTo: <sip:nobody@localhost>\r\n"
                        "Call-ID: %d\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"
                        "Content-Length: 0\r\n\r\n")
                server = rig.Server(self.dir, wait=False)
                self.servers.append(server)
                n = 0
                while not select.select([s], [], [], 0.0002)[0]:
                    n += 1
                    self.assertLess(n, 100000)
                    s.sendto((text % (n, n)).encode(), ("127.0.0.1", port))
                self.assertIn(b"SIP/2.0 404", s.recv(4096))
                self.assertEqual(server.stop(), 0)

    def test_without_file(self):
        """The defaults need port 5060: a database in the way shows that they were taken."""
        os.mkdir(self.path("tsuwa.db"))
        self.assertIn("tsuwa.db", self.tsuwa("serve", code=1))

    def open_doors(self, more=""):
        self.write("tsuwa.yaml", self.read("tsuwa.yaml") +
                   "\nauth: { register: false, invite: false }\n" + more)

    def test_end_turns_away(self):
        """While a call rings the server stays for shutdown_timeout, but takes nothing new."""
        self.init()
        self.open_doors("shutdown_timeout: 1s\n")
        server = self.serve()
        alice, bob, other = rig.Phone(server), rig.Phone(server), rig.Phone(server)
        self.assertEqual(bob.register("bob", "localhost", ""), 200)
        alice.send("INVITE", "sip:bob@localhost", "alice@localhost")
        self.assertIn("INVITE sip:bob@", bob.receive())
        server.signal(signal.SIGTERM)
        server.until_said("ending signal=15")
        tries = 0
        while True:
            status, text = other.request("OPTIONS", "sip:localhost", "carol@localhost")
            if status == 503:
                break
            tries += 1
            self.assertLess(tries, 100000)
        self.assertIn("Retry-After: 5\r\n", text)
        self.assertEqual(server.wait(), 0)
        for phone in (alice, bob, other):
            phone.close()

    def test_end_hangs_up(self):
        """A call with the server itself gets its BYE."""
        self.init()
        self.open_doors()
        server = self.serve()
        phone = rig.Phone(server)
        sdp = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
               "m=audio 9 RTP/AVP 0\r\n")
        status, text = phone.request("INVITE", "sip:echo@localhost", "alice@localhost",
                                     "Content-Type: application/sdp\r\n", sdp)
        self.assertEqual(status, 200, text)
        rows = self.json("calls")
        self.assertEqual([(r["from"], r["to"], r["state"]) for r in rows],
                         [("sip:alice@localhost", "sip:alice@localhost", "talking")])
        self.assertEqual(self.json("status")["calls"]["echo"], 1)
        server.signal(signal.SIGTERM)
        while not phone.receive().startswith("BYE "):
            pass
        self.assertEqual(server.wait(), 0)
        phone.close()

    def test_second_signal(self):
        self.init()
        server = self.serve()
        server.signal(signal.SIGINT)
        server.signal(signal.SIGTERM)
        self.assertIn(server.wait(), (0, 1))

    def test_notify(self):
        self.init()
        for abstract in (False, True):
            name = f"@tsuwa-cli-{os.getpid()}" if abstract else self.path("notify")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                s.bind("\0" + name[1:] if abstract else name)
                s.settimeout(rig.WAIT_S)
                server = self.serve(env={"NOTIFY_SOCKET": name})
                self.assertEqual(s.recv(1000), b"READY=1")
                server.signal(signal.SIGHUP)
                self.assertRegex(s.recv(1000), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
                self.assertEqual(s.recv(1000), b"READY=1")
                server.stop()
                self.assertEqual(s.recv(1000), b"STOPPING=1")

    def test_journal(self):
        """With the journal behind standard error the lines have a priority and no time."""
        self.init()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
            st = os.fstat(log.fileno())
            server = self.serve(log=log, env={"JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"})
            server.stop()
            self.assertEqual(server.said(), "<6>ending signal=15\n<6>ended\n")

    def test_json_log(self):
        self.init()
        self.write("tsuwa.yaml", self.read("tsuwa.yaml") + "\nlog: { format: json, level: bytes }\n")
        server = self.serve()
        phone = rig.Phone(server)
        self.assertEqual(phone.request("OPTIONS", "sip:localhost", "alice@localhost")[0], 200)
        server.stop()
        lines = [json.loads(l) for l in server.said().splitlines()]
        messages = [l["message"] for l in lines if l["level"] == "bytes"]
        self.assertTrue(messages[0].startswith("OPTIONS sip:localhost SIP/2.0\r\n"), messages)
        self.assertTrue(messages[1].startswith("SIP/2.0 200 OK\r\n"), messages)
        self.assertEqual(lines[-1]["message"], "ended")
        phone.close()


if __name__ == "__main__":
    rig.main()
