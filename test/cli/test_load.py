"""tsuwa load: against a server of our own, and what it says when there is none."""

import json
import random
import select
import signal
import socket
import subprocess
import threading
import unittest

import rig


class Lossy(threading.Thread):
    """A way to a server on which one datagram in fifteen is lost, the same each time."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.to = server.ports["udp"]
        self.random = random.Random(7)
        self.front = self.udp()
        self.end, self.ended = socket.socketpair()
        self.back = {}      # client -> socket
        self.start()

    @staticmethod
    def udp():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        return s

    def run(self):
        while True:
            for s in select.select([self.front, self.ended, *self.back.values()], [], [])[0]:
                if s is self.ended:
                    return
                data, source = s.recvfrom(65536)
                if self.random.random() < 1 / 15:
                    continue
                if s is self.front:
                    self.back.setdefault(source, None)
                    self.back[source] = self.back[source] or self.udp()
                    self.back[source].sendto(data, self.to)
                else:
                    self.front.sendto(data, next(c for c, b in self.back.items() if b is s))

    def stop(self):
        self.end.send(b"x")
        self.join()
        for s in (self.front, self.end, self.ended, *self.back.values()):
            s.close()


class Load(rig.Case):
    def serve_open(self):
        self.init("--domain", "127.0.0.1")
        with open(self.path("tsuwa.yaml"), "a", encoding="utf-8") as f:
            f.write("auth: { register: false, invite: false }\n")
        return self.serve()

    def load(self, server, *words, transport="udp", code=0, **more):
        host, port = server.ports[transport]
        return self.tsuwa("load", *words, "--target", f"{host}:{port}", "--transport", transport,
                          code=code, **more)

    def json(self, server, *words, **more):
        got = json.loads(self.load(server, *words, "--json", **more))
        self.assertEqual(got["failed"], 0, got)
        self.assertEqual(got["strays"], 0, got)
        return got

    def registered(self):
        return len(json.loads(self.tsuwa("registrations", "--json")))

    def test_options(self):
        server = self.serve_open()
        for transport in ("udp", "tcp"):
            got = self.json(server, "options", "--count", "300", "--sockets", "3", "--server-pid",
                            str(server.process.pid), transport=transport)
            self.assertEqual(got["ok"], 300)
            self.assertEqual(got["latency_ms"]["n"], 300)
            self.assertLessEqual(got["latency_ms"]["p50"], got["latency_ms"]["p99"])
            self.assertLessEqual(got["latency_ms"]["p99"], got["latency_ms"]["max"])
            self.assertGreater(got["own_cpu_us"], 0)
            self.assertGreater(got["server_cpu_us"], 0)
            self.assertGreater(got["server_memory_bytes"], 0)

    def test_register(self):
        server = self.serve_open()
        self.assertEqual(self.json(server, "register", "--users", "50", "--count", "50")["ok"], 50)
        self.assertEqual(self.registered(), 50)
        # Two rounds refresh, they don't add; two threads share the users.
        got = self.json(server, "register", "--users", "50", "--user-prefix", "v", "--refresh",
                        "--count", "100", "--threads", "2", "--sockets", "4")
        self.assertEqual(got["ok"], 100)
        self.assertEqual(self.registered(), 100)
        self.json(server, "register", "--users", "50", "--user-prefix", "w", "--count", "50",
                  "--unregister")
        self.assertEqual(self.registered(), 100)

    def test_digest(self):
        self.init("--domain", "127.0.0.1")
        rows = "".join(f"u{i}@127.0.0.1,secret\n" for i in range(20))
        self.tsuwa("user", "import", self.write("users.csv", rows))
        server = self.serve()
        secret = {"TSUWA_PASSWORD": "secret"}
        for words, challenges in (((), 60), (("--algorithm", "MD5"), 60),
                                  (("--reuse-nonce",), 20)):
            got = self.json(server, "register", "--users", "20", "--count", "60", "--window", "10",
                            *words, env=secret)
            self.assertEqual((got["ok"], got["challenges"]), (60, challenges), words)
        got = self.json(server, "register", "--accounts", "users.csv", "--count", "20")
        self.assertEqual((got["ok"], got["challenges"]), (20, 20))
        got = self.json(server, "call", "--accounts", "users.csv", "--count", "20")
        self.assertEqual((got["ok"], got["challenges"]), (20, 20))
        # The wrong one is counted by status, and is a failure.
        host, port = server.ports["udp"]
        code, out, _ = self.run_tsuwa("load", "register", "--users", "2", "--count", "2",
                                      "--target", f"{host}:{port}", "--json",
                                      env={"TSUWA_PASSWORD": "wrong"})
        self.assertEqual(code, 1)
        self.assertEqual(json.loads(out)["failed"], 2)
        self.assertEqual(sum(json.loads(out)["failed_by"].values()), 2)

    def test_call(self):
        server = self.serve_open()
        for transport in ("udp", "tcp"):
            got = self.json(server, "call", "--count", "100", "--users", "10", "--sockets", "2",
                            "--threads", "2", transport=transport)
            self.assertEqual((got["ok"], got["bye_ms"]["n"]), (100, 100))
        got = self.json(server, "call", "--rate", "100", "--count", "20", "--ring", "20ms",
                        "--hold", "20ms")
        self.assertEqual(got["ok"], 20)
        self.assertGreaterEqual(got["latency_ms"]["p50"], 19)
        self.assertEqual(self.registered(), 0)

    def test_loss(self):
        """What is lost is sent again, and no user registers twice at once for it."""
        server = self.serve_open()
        way = Lossy(server)
        host, port = way.front.getsockname()
        try:
            for words in (("register", "--users", "40", "--window", "30", "--count", "120"),
                          ("call", "--users", "20", "--window", "50", "--count", "50")):
                got = json.loads(self.tsuwa("load", *words, "--target", f"{host}:{port}",
                                            "--domain", "127.0.0.1", "--json"))
                self.assertEqual(got["failed"], 0, got)
                self.assertGreater(got["retransmissions"], 0)
        finally:
            way.stop()

    def test_text(self):
        server = self.serve_open()
        out = self.load(server, "options", "--count", "10")
        self.assertRegex(out, r"(?m)^options +10  in ")
        self.assertRegex(out, r"(?m)^rate +\d+ /s  64 at once, 1 sockets, 1 threads$")
        self.assertRegex(out, r"(?m)^failed +0")

    def test_nobody(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        for kind in ("options", "register"):
            err = self.tsuwa("load", kind, "--target", f"127.0.0.1:{port}", code=1)
            self.assertIn("nobody listens there", err)
        err = self.tsuwa("load", "options", "--transport", "tcp", "--target", f"127.0.0.1:{port}",
                         code=1)
        self.assertIn("Connection refused", err)

    def test_refused(self):
        """A status is a failure with its name."""
        server = self.serve_open()
        host, port = server.ports["udp"]
        code, out, _ = self.run_tsuwa("load", "options", "--target", f"{host}:{port}", "--uri",
                                      "sip:nobody@127.0.0.1", "--count", "1")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"(?m)^failed +1")
        self.assertRegex(out, r"(?m)^ +1  4\d\d \w+")

    def test_interrupted(self):
        """Ctrl-C ends in order: nothing is left registered, and the report comes."""
        server = self.serve_open()
        host, port = server.ports["udp"]
        p = subprocess.Popen([rig.TSUWA, "load", "call", "--target", f"{host}:{port}", "--rate",
                              "50", "--hold", "200ms", "--duration", "1m", "--json"],
                             cwd=self.dir, text=True, stdout=subprocess.PIPE)
        try:
            while not json.loads(self.tsuwa("calls", "--json")):
                self.assertIsNone(p.poll())
            p.send_signal(signal.SIGINT)
            got = json.loads(p.communicate(timeout=rig.WAIT_S)[0])
        finally:
            if p.poll() is None:
                p.kill()
                p.wait()
        self.assertEqual(p.returncode, 0)
        self.assertTrue(got["interrupted"])
        self.assertGreater(got["ok"], 0)
        self.assertEqual(self.registered(), 0)

    def test_mistakes(self):
        for words in (("dance",), ("options", "--target", "[::"), ("options", "--count", "0"),
                      ("options", "--transport", "smoke"), ("options", "--server-pid", "x"),
                      ("register", "--domain", "a b"), ("options", "--uri", "sip:a\r\nb"),
                      ("options", "--duration", "0s"), ("register", "--algorithm", "CRC"),
                      ("register", "--accounts", "none.csv"), ()):
            self.assertTrue(self.tsuwa("load", *words, code=2), words)
        self.write("bad.csv", "a,b\nc\n")
        self.assertIn("bad.csv:2: expected USER,PASSWORD",
                      self.tsuwa("load", "register", "--accounts", "bad.csv", code=2))


if __name__ == "__main__":
    unittest.main(verbosity=2)
