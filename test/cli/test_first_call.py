"""What init says to type next works as it stands: the first call of a newcomer."""

import shlex
import socket
import wave

import rig


class FirstCall(rig.Case):
    def free_port(self):
        """A port that is free for UDP and TCP just now."""
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                 socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
                udp.bind(("127.0.0.1", 0))
                port = udp.getsockname()[1]
                try:
                    tcp.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port

    def test_as_printed(self):
        out = self.tsuwa("init", "here", "--listen", f"127.0.0.1:{self.free_port()}")
        serve, call = [shlex.split(l) for l in out.splitlines() if l.startswith("  tsuwa ")]
        self.serve(*serve[2:])
        self.assertIn("echo", " ".join(call))
        self.tsuwa(*call[1:])
        with wave.open(self.path("echo.wav")) as recorded, \
             wave.open(self.path("here", "hello.wav")) as played:
            self.assertGreaterEqual(recorded.getnframes(), played.getnframes() * 0.8)
            samples = recorded.readframes(recorded.getnframes())
        self.assertGreater(len(set(samples)), 50, "silence came back")

    def test_nobody_home(self):
        port = self.free_port()
        self.tsuwa("init", "--listen", f"127.0.0.1:{port}")
        self.serve()
        self.assertIn("200", self.tsuwa("options", f"sip:127.0.0.1:{port}", "--account",
                                        "alice.account"))
        code, out, err = self.run_tsuwa("call", "bob@localhost", "--account", "alice.account")
        self.assertEqual(code, 1)
        self.assertIn("480", out + err)


if __name__ == "__main__":
    rig.main()
