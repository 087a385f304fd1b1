"""tsuwa user: the table of users, on the database alone."""

import json
import os
import pty
import select
import signal
import termios

import rig


class User(rig.Case):
    def setUp(self):
        super().setUp()
        self.tsuwa("init")

    def names(self):
        return [f"{u['user']}@{u['domain']}" for u in json.loads(self.tsuwa("user", "list", "--json"))]

    def add(self, name, password="secret", **more):
        return self.tsuwa("user", "add", name, "--password-stdin", stdin=password + "\n", **more)

    def test_life(self):
        self.assertEqual(self.names(), ["alice@localhost", "bob@localhost"])
        self.assertEqual(self.add("carol@localhost"), "added carol@localhost\n")
        self.assertIn("carol@localhost", self.names())
        self.assertIn("carol@localhost exists already", self.add("carol@localhost", code=1))
        out = self.tsuwa("user", "passwd", "carol@localhost", env={"TSUWA_PASSWORD": "other"})
        self.assertEqual(out, "changed carol@localhost\n")
        self.assertEqual(self.tsuwa("user", "remove", "carol@localhost"),
                         "removed carol@localhost\n")
        self.assertNotIn("carol@localhost", self.names())
        self.assertIn("there is no user carol@localhost",
                      self.tsuwa("user", "remove", "carol@localhost", code=1))
        self.assertIn('"tsuwa user add" makes one',
                      self.tsuwa("user", "passwd", "carol@localhost", code=1,
                                 env={"TSUWA_PASSWORD": "x"}))

    def test_table(self):
        lines = self.tsuwa("user", "list").split("\n")
        self.assertRegex(lines[0], r"^USER +ENABLED +PASSWORD FOR +CREATED$")
        self.assertRegex(lines[1], r"^alice@localhost +yes +SHA-256 MD5 +\d{4}-.*Z$")
        self.assertEqual(json.loads(self.tsuwa("user", "list", "nowhere.org", "--json")), [])

    def test_names(self):
        self.assertIn('"eve@other.org"'.replace("eve@", ""), self.add("eve@other.org", code=2))
        self.assertIn("which has localhost", self.add("eve@other.org", code=2))
        self.assertIn('has no domain: write it as eve@localhost', self.add("eve", code=2))
        self.assertIn("is no name for a user", self.add("e:ve@localhost", code=2))
        self.assertIn("which user?", self.tsuwa("user", "add", code=2))
        self.assertEqual(self.add("sip:dave@LOCALHOST"), "added dave@localhost\n")

    def test_alias(self):
        text = self.read("tsuwa.yaml")
        self.write("tsuwa.yaml", text.replace('- "localhost"',
                                              "- { name: localhost, aliases: [here] }"))
        self.assertEqual(self.add("erin@here"), "added erin@localhost\n")

    def test_passwords(self):
        self.assertIn("the password is empty", self.add("eve@localhost", "", code=1))
        self.assertIn("longer than 255", self.add("eve@localhost", "x" * 300, code=1))
        err = self.tsuwa("user", "add", "eve@localhost", code=1)
        self.assertIn("give it by --password-stdin or TSUWA_PASSWORD", err)

    def on_terminal(self, *words):
        """The program's process and its terminal, which is its only one."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.dir)
            os.environ.pop("TSUWA_PASSWORD", None)
            os.execv(rig.TSUWA, [rig.TSUWA, *words])
        return pid, terminal

    def until(self, terminal, text, seen=""):
        while text not in seen:
            self.assertTrue(select.select([terminal], [], [], rig.WAIT_S)[0], seen)
            seen += os.read(terminal, 1000).decode()
        return seen

    def echoes(self, terminal):
        return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)

    def test_terminal(self):
        pid, terminal = self.on_terminal("user", "add", "tina@localhost")
        self.until(terminal, "Password of tina@localhost: ")
        self.assertFalse(self.echoes(terminal))
        os.write(terminal, b"geheim\n")
        self.until(terminal, "Again: ")
        os.write(terminal, b"geheim\n")
        seen = self.until(terminal, "added tina@localhost")
        self.assertNotIn("geheim", seen)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(terminal)

    def test_terminal_differs(self):
        pid, terminal = self.on_terminal("user", "add", "tina@localhost")
        self.until(terminal, "Password of tina@localhost: ")
        os.write(terminal, b"one\n")
        self.until(terminal, "Again: ")
        os.write(terminal, b"two\n")
        self.until(terminal, "the two passwords differ")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 1)
        os.close(terminal)

    def test_terminal_interrupted(self):
        pid, terminal = self.on_terminal("user", "add", "tina@localhost")
        self.until(terminal, "Password of tina@localhost: ")
        keep = os.dup(terminal)
        os.write(terminal, b"ge\x03")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -signal.SIGINT)
        self.assertTrue(self.echoes(keep))
        os.close(keep)
        os.close(terminal)

    def test_actions(self):
        err = self.tsuwa("user", "remvoe", "alice@localhost", code=2)
        self.assertIn('unknown action "remvoe"; did you mean "remove"?', err)

    def test_import(self):
        self.write("a.csv", '\ufeffuser,password\r\n# note\r\n\r\ndave@localhost,"a ""b"", c"\r\n'
                            "erin, localhost, pw\nalice@localhost,new\n")
        self.assertEqual(self.tsuwa("user", "import", "a.csv"), "imported 3 users\n")
        self.assertEqual(self.names(), ["alice@localhost", "bob@localhost", "dave@localhost",
                                        "erin@localhost"])
        self.assertEqual(self.tsuwa("user", "import", "-", stdin="f@localhost,x\n"),
                         "imported 1 users\n")

    def test_import_mistakes(self):
        self.write("b.csv", "good@localhost,pw\nbad@nowhere.org,pw\nonly-one-field\n"
                            'open@localhost,"pw\nnopw@localhost,\ngood@localhost,again\n')
        err = self.tsuwa("user", "import", "b.csv", code=1)
        self.assertIn('b.csv:2: "nowhere.org" is no domain of the configuration', err)
        self.assertIn("b.csv:3: expected user@domain,password or user,domain,password", err)
        self.assertIn("b.csv:4: expected", err)
        self.assertIn("b.csv:5: the password is empty", err)
        self.assertIn("b.csv:6: good@localhost stands in line 1 already", err)
        self.assertIn("nothing was imported", err)
        self.assertEqual(self.names(), ["alice@localhost", "bob@localhost"])
        self.assertIn("can't be read", self.tsuwa("user", "import", "no.csv", code=1))

    def test_many(self):
        self.write("c.csv", "".join(f"u{i}@localhost,p{i}\n" for i in range(3000)))
        self.assertEqual(self.tsuwa("user", "import", "c.csv"), "imported 3000 users\n")
        self.assertEqual(len(self.names()), 3002)

    def test_no_database(self):
        self.write("n.yaml", "database: none.db\n")
        self.assertIn("none.db", self.tsuwa("user", "list", "-c", "n.yaml", code=1))
        self.write("junk.db", "this is no database, but long enough to be looked at\n" * 100)
        self.write("j.yaml", "database: junk.db\n")
        self.assertIn("junk.db", self.tsuwa("user", "list", "-c", "j.yaml", code=1))


if __name__ == "__main__":
    rig.main()
