"""The store under bad days, end to end: disks that are slow, fail, lie about nothing but lose the
tail of a journal; and users that change under a running server."""

import errno
import mmap
import os
import select
import shutil
import signal
import statistics
import struct
import subprocess
import time
import unittest

import rig

HEAD_BYTES, FRAME_BYTES = 64, 12        # of a journal (store/journal_format.h)


class Torn(rig.Calls):
    """What a power cut leaves: the end of a journal is not what was written."""

    def journal(self):
        """The file that holds something, and where its records begin and end."""
        for name in sorted(os.listdir(self.dir)):
            if ".journal." not in name:
                continue
            with open(self.path(name), "rb") as f:
                image = f.read()
            at, ends = HEAD_BYTES, []
            while at + 4 <= len(image) and (n := struct.unpack_from("<I", image, at)[0]):
                at += (FRAME_BYTES + n + 7) // 8 * 8
                ends.append(at)
            if ends:
                return self.path(name), [HEAD_BYTES] + ends
        self.fail("no journal holds anything")

    def check_torn(self, how):
        """how(file, ends) spoils the last record: it is told where, all before it is back."""
        self.begin()
        for name in ("anna", "ben", "carl"):
            self.phone(name)
        self.kill()
        path, ends = self.journal()
        self.assertEqual(len(ends), 4)
        with open(path, "r+b") as f:
            how(f, ends)
        self.server = self.serve()
        self.assertEqual(self.users(), ["anna", "ben"])
        said = self.server.said()
        line = [l for l in said.splitlines() if "not whole" in l]
        self.assertEqual(len(line), 1, said)
        self.assertRegex(line[0], rf" warn  journal ends in a record that is not whole "
                                  rf"file=tsuwa\.db\.journal\.\S+ at={ends[2]}$")
        # All goes on: what is lost registers again, and stays.
        self.phone("carl")
        self.kill()
        self.server = self.serve()
        self.assertEqual(self.users(), ["anna", "ben", "carl"])

    def test_truncated(self):
        def cut(f, ends):
            f.truncate(ends[2] + 40)
        self.check_torn(cut)

    def test_zeros(self):
        def blank(f, ends):
            f.seek(ends[2] + 40)
            f.write(bytes(ends[3] - ends[2] - 40))
        self.check_torn(blank)

    def test_garbled(self):
        def garble(f, ends):
            f.seek(ends[2] + 40)
            f.write(os.urandom(20))
        self.check_torn(garble)

    def test_in_the_middle(self):
        """Damage before good records costs the one that it hit."""
        self.begin()
        for name in ("anna", "ben", "carl"):
            self.phone(name)
        self.kill()
        path, ends = self.journal()
        with open(path, "r+b") as f:
            f.seek(ends[1] + 40)
            f.write(os.urandom(20))
        self.server = self.serve()
        self.assertRegex(self.server.said(), rf" error journal is damaged file=\S+\.journal\.\S+ "
                                             rf"at={ends[1]} to={ends[2]}\n")
        self.assertEqual(self.users(), ["anna", "carl"])


class BadDisk(rig.Calls):
    """Slow and failing disks, by a library between the server and its disk."""

    LIBRARY = None

    @classmethod
    def setUpClass(cls):
        cc = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not cc:
            raise unittest.SkipTest("there is no C compiler")
        cls.folder = rig.tempfile.mkdtemp(prefix="tsuwa-disk-")
        cls.LIBRARY = os.path.join(cls.folder, "bad_disk.so")
        subprocess.run([cc, "-shared", "-fPIC", "-O1", "-o", cls.LIBRARY,
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad_disk.c"),
                        "-ldl"], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def begin(self, more="", env=None):
        self.write("orders", "\0" * 32)
        with open(self.path("orders"), "r+b") as f:
            self.orders = mmap.mmap(f.fileno(), 32)
        super().begin(more, {"LD_PRELOAD": self.LIBRARY, "BAD_DISK": self.path("orders"),
                             "ASAN_OPTIONS": "verify_asan_link_order=0"})
        self.phone("alice")
        if not self.counts()[0]:
            self.skipTest("the library is not asked: the program brings its own pwrite()")

    def order(self, write_ms=0, sync_ms=0, write_errno=0, sync_errno=0):
        self.orders[:16] = struct.pack("=IIii", write_ms, sync_ms, write_errno, sync_errno)

    def counts(self):
        """Writes and syncs so far."""
        return struct.unpack("=QQ", self.orders[16:32])

    def fails(self, words, **order):
        """REGISTER gets 500 and changes nothing, calls go on; then all is well again."""
        alice = self.phones[0]
        self.order(**order)
        bob = self.phone()
        status, text = bob.request("REGISTER", "sip:localhost", "bob@localhost")
        self.assertEqual(status, 500)
        self.assertIn("could not be stored", text)
        self.server.until_said(f'error="{words}"')
        self.assertEqual(self.users(), ["alice"])
        self.call("alice", alice)
        # A refresh that fails leaves what was there.
        self.assertEqual(self.register(alice, "alice", "Expires: 60\r\n"), 500)
        self.assertGreater(self.json("registrations")[0]["expires_s"], 3000)
        self.order()
        self.assertEqual(self.register(bob, "bob"), 200)
        self.kill()
        self.server = self.serve()
        self.assertEqual(self.users(), ["alice", "bob"])

    def test_read_only(self):
        self.begin()
        self.fails("Read-only file system", write_errno=errno.EROFS)

    def test_broken(self):
        self.begin()
        self.fails("Input/output error", write_errno=errno.EIO)

    def test_sync_fails(self):
        self.begin("durability: sync\n")
        self.fails("Input/output error", sync_errno=errno.EIO)

    def test_slow(self):
        """A disk that takes a second delays who waits for it, and nobody else."""
        self.begin()
        alice, slow, other = self.phones[0], self.phone(), self.phone()
        self.order(write_ms=1000)
        begun = time.monotonic()
        slow.send("REGISTER", "sip:localhost", "bob@localhost")
        times = []
        while not select.select([slow.socket], [], [], 0)[0]:
            now = time.monotonic()
            if len(times) % 2:
                self.call("alice", alice)
            else:
                self.assertEqual(other.request("OPTIONS", "sip:localhost", "x@localhost")[0], 200)
            times.append(time.monotonic() - now)
        self.assertEqual(slow.final()[0], 200)
        self.assertGreaterEqual(time.monotonic() - begun, 1)
        self.assertGreater(len(times), 4)
        self.assertLess(statistics.median(times), 0.1)
        self.order()

    def sync_time(self):
        phone = self.phone()
        self.order(sync_ms=500)
        syncs, begun = self.counts()[1], time.monotonic()
        self.assertEqual(self.register(phone, "bob"), 200)
        took, syncs = time.monotonic() - begun, self.counts()[1] - syncs
        self.order()
        return took, syncs

    def test_sync(self):
        """durability: sync answers when the disk has it."""
        self.begin("durability: sync\n")
        took, syncs = self.sync_time()
        self.assertGreaterEqual(took, 0.5)
        self.assertGreaterEqual(syncs, 1)

    def test_normal(self):
        """Without it the answer does not wait for the disk's cache."""
        self.begin()
        self.assertLess(min(self.sync_time()[0] for _ in range(5)), 0.5)

    def test_removal_waits(self):
        """"registrations remove" ends when the removal is kept, and says when it can't be."""
        self.begin()
        self.order(write_errno=errno.ENOSPC)
        self.assertEqual(self.tsuwa("registrations", "remove", "alice@localhost", code=1),
                         "tsuwa: the registration can't be removed: No space left on device\n")
        self.assertEqual(self.users(), ["alice"])
        self.order()
        self.tsuwa("registrations", "remove", "alice@localhost")
        self.assertEqual(self.users(), [])


class Users(rig.Case):
    """What `tsuwa user` does holds for a running server within a second."""

    WITHIN_S = 1

    def until(self, phone, password, want):
        begun = time.monotonic()
        while phone.register("carol", "localhost", password) != want:
            self.assertLess(time.monotonic() - begun, self.WITHIN_S, f"not {want} in time")

    def test_within_a_second(self):
        self.init()
        server = self.serve()
        phone = rig.Phone(server)
        self.assertEqual(phone.register("carol", "localhost", "one"), 401)
        self.tsuwa("user", "add", "carol@localhost", "--password-stdin", stdin="one\n")
        self.until(phone, "one", 200)
        self.tsuwa("user", "passwd", "carol@localhost", "--password-stdin", stdin="two\n")
        self.until(phone, "one", 401)
        self.assertEqual(phone.register("carol", "localhost", "two"), 200)
        self.tsuwa("user", "remove", "carol@localhost")
        self.until(phone, "two", 401)
        phone.close()


if __name__ == "__main__":
    rig.main()
