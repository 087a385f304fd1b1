"""A disk that is full: new registrations are refused, all else goes on; with room again all is
well. In a mount namespace of its own, where it mounts a small tmpfs."""

import os
import shutil
import subprocess
import sys

import rig

BYTES = 24 << 20
LARGE = "x" * 30000         # of a Contact, so that few fill what the journals have reserved


def enter_namespace():
    """Runs this program again in a mount namespace of its own."""
    if "TSUWA_MOUNTS" in os.environ:
        return
    words = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
    if not shutil.which(words[0]) or subprocess.run([*words, "true"], stderr=subprocess.DEVNULL,
                                                    check=False).returncode:
        print("skipped: may not make a mount namespace")
        sys.exit(77)
    os.environ["TSUWA_MOUNTS"] = "1"
    os.execvp(words[0], [*words, sys.executable, *sys.argv])


class Full(rig.Calls):
    def setUp(self):
        super().setUp()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "none", self.dir], check=True)

    def tearDown(self):
        for server in self.servers:
            server.kill()
        subprocess.run(["umount", "-l", self.dir], check=True)
        super().tearDown()

    def fill(self):
        with open(self.path("fill"), "wb", buffering=0) as f:
            for size in (1 << 20, 4096):
                try:
                    while f.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def exhaust(self, phone):
        """Registers until even the reserved room is used up."""
        for n in range(2000):
            status, _ = phone.request("REGISTER", "sip:localhost", "big@localhost",
                                      f"Contact: <sip:big@h;x={LARGE}>\r\n", contact=False)
            if status != 200:
                return status
        return 200

    def test_full(self):
        self.begin("trace: { memory: 0 }\nregistrar: { max_contacts: 2 }\n")
        alice, big, carol = self.phone("alice"), self.phone(), self.phone()
        self.fill()
        self.assertEqual(self.exhaust(big), 500)
        before = self.users()
        self.assertIn("alice", before)
        self.assertEqual(len(self.json("registrations", "alice@localhost")), 1)
        said = self.server.said()
        self.assertIn('error="No space left on device"', said)
        self.assertIn("journal refuses records file=tsuwa.db.journal.", said)
        for _ in range(3):
            self.call("alice", alice)
        os.unlink(self.path("fill"))
        self.assertEqual(self.register(carol, "carol"), 200)
        self.assertIn("journal takes records again", self.server.said())
        self.kill()
        self.server = self.serve()
        self.assertEqual(self.users(), sorted({*before, "carol"}))


if __name__ == "__main__":
    enter_namespace()
    rig.main()
