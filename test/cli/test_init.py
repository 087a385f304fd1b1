"""tsuwa init: what it makes, and that it overwrites nothing."""

import os
import stat
import struct

import rig

FILES = ["tsuwa.yaml", "tsuwa.db", "tsuwa.crt", "tsuwa.key", "alice.account", "bob.account",
         "hello.wav"]
SECRET = ["tsuwa.db", "tsuwa.key", "alice.account", "bob.account"]


class Init(rig.Case):
    def test_files(self):
        out = self.tsuwa("init")
        self.assertEqual(sorted(os.listdir(self.dir)), sorted(FILES))
        for name in SECRET:
            self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), 0o600, name)
        self.assertIn("Next, start the server:\n  tsuwa serve\n", out)
        self.assertIn("tsuwa call sip:echo@localhost --account alice.account", out)
        self.assertIn("-----BEGIN CERTIFICATE-----", self.read("tsuwa.crt"))
        self.assertIn("-----BEGIN PRIVATE KEY-----", self.read("tsuwa.key"))

    def test_accounts(self):
        self.tsuwa("init", "--domain", "Example.COM", "--listen", "127.0.0.2:5070")
        user, domain, password = self.account("alice")
        self.assertEqual((user, domain), ("alice", "example.com"))
        self.assertEqual(len(password), 20)
        self.assertNotEqual(password, self.account("bob")[2])
        self.assertIn('proxy: "127.0.0.2:5070"\ntransport: udp\n', self.read("alice.account"))
        self.assertIn('- "udp://127.0.0.2:5070"', self.read("tsuwa.yaml"))
        self.assertIn('- "example.com"', self.read("tsuwa.yaml"))

    def test_sound(self):
        self.tsuwa("init")
        with open(self.path("hello.wav"), "rb") as f:
            head = f.read(44)
        self.assertEqual(head[:4] + head[8:16], b"RIFFWAVEfmt ")
        self.assertEqual(struct.unpack("<I", head[24:28])[0], 8000)

    def test_elsewhere(self):
        out = self.tsuwa("init", "new/")
        self.assertIn("made new/tsuwa.yaml\n", out)
        self.assertIn("  tsuwa serve -c new/tsuwa.yaml\n", out)
        self.assertEqual(sorted(os.listdir(self.path("new"))), sorted(FILES))

    def test_twice(self):
        self.tsuwa("init")
        before = self.read("alice.account")
        err = self.tsuwa("init", code=1)
        self.assertIn("holds a complete installation already, nothing was changed; start it with: "
                      "tsuwa serve -c tsuwa.yaml", err)
        self.assertEqual(self.read("alice.account"), before)

    def test_in_the_way(self):
        self.write("bob.account", "mine")
        err = self.tsuwa("init", code=1)
        self.assertIn("bob.account exists already, and init overwrites nothing", err)
        self.assertEqual(os.listdir(self.dir), ["bob.account"])
        self.assertEqual(self.read("bob.account"), "mine")

    def test_wrong_words(self):
        self.assertIn("is every address; give the one that phones will use",
                      self.tsuwa("init", "--listen", "0.0.0.0", code=2))
        self.assertIn("expected an IP address", self.tsuwa("init", "--listen", "host", code=2))
        self.assertIn("expected a domain", self.tsuwa("init", "--domain", "a b", code=2))
        self.assertEqual(os.listdir(self.dir), [])

    def test_no_place(self):
        self.assertIn("can't be made", self.tsuwa("init", "a/b/c", code=1))
        self.write("file", "")
        self.assertIn("can't be made", self.tsuwa("init", "file", code=1))


if __name__ == "__main__":
    rig.main()
