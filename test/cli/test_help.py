"""The frame: help, versions, wrong words, exit codes, manual pages."""

import os
import re

import rig


class Help(rig.Case):
    def commands(self):
        return re.findall(r"^  (\w+) ", self.tsuwa("help"), re.M)

    def test_overview(self):
        commands = self.commands()
        for name in ("init", "serve", "check", "user", "status", "registrations", "calls", "help"):
            self.assertIn(name, commands)
        self.assertEqual(self.tsuwa("--help"), self.tsuwa("help"))

    def test_version(self):
        self.assertRegex(self.tsuwa("--version"), r"^tsuwa \d+\.\d+\.\d+\n$")

    def test_every_command(self):
        for name in self.commands():
            text = self.tsuwa("help", name)
            self.assertTrue(text.startswith(f"Usage: tsuwa {name}"), text)
            self.assertEqual(self.tsuwa(name, "--help"), text)
            self.assertEqual(self.tsuwa(name, "-h"), text)
            self.assertLessEqual(max(map(len, text.split("\n"))), 100, text)

    def test_config(self):
        text = self.tsuwa("help", "config")
        self.assertIn("shutdown_timeout: duration (default: 3s)", text)

    def test_manual_pages(self):
        """The pages in the tree are what the tables say: print them anew when this fails."""
        for name, words in (("tsuwa.1", ("--man",)), ("tsuwa.yaml.5", ("config", "--man"))):
            with open(os.path.join(rig.SOURCE, "doc", "man", name), encoding="utf-8") as f:
                self.assertEqual(self.tsuwa("help", *words), f.read(), name)

    def test_nothing(self):
        code, out, err = self.run_tsuwa()
        self.assertEqual(code, 2)
        self.assertIn("Usage: tsuwa COMMAND", out)

    def test_unknown_command(self):
        self.assertIn('unknown command "staus"; did you mean "status"?', self.tsuwa("staus", code=2))
        self.assertIn('unknown command "frobnicate"\n', self.tsuwa("frobnicate", code=2))
        self.assertIn('did you mean "config"?', self.tsuwa("help", "confg", code=2))

    def test_unknown_option(self):
        err = self.tsuwa("check", "--jsn", code=2)
        self.assertIn('unknown option "--jsn"; did you mean "--json"?', err)
        self.assertIn('see "tsuwa help check"', err)
        self.assertIn('unknown option "-x"', self.tsuwa("check", "-x", code=2))

    def test_values(self):
        self.assertIn("--config needs a value: --config FILE", self.tsuwa("check", "-c", code=2))
        self.assertIn("--json takes no value", self.tsuwa("check", "--json=1", code=2))
        for words in (("--config", "no.yaml"), ("--config=no.yaml",), ("-c", "no.yaml"),
                      ("-cno.yaml",)):
            self.assertIn("no.yaml: can't be read", self.tsuwa("status", *words, code=2))

    def test_operands(self):
        self.assertIn('"x" is one word too many for "tsuwa serve"', self.tsuwa("serve", "x", code=2))
        self.assertIn('"tsuwa user" needs add|list', self.tsuwa("user", code=2))
        self.assertIn("can't be read", self.tsuwa("user", "import", "-c", "no", "--", "-x", code=2))

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            import subprocess
            p = subprocess.run([rig.TSUWA, "help"], stdout=full, stderr=subprocess.PIPE, text=True,
                               check=False)
        self.assertEqual(p.returncode, 1)
        self.assertIn("can't write to standard output", p.stderr)


if __name__ == "__main__":
    rig.main()
