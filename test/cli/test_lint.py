"""tsuwa lint: what messages break, over the messages of RFC 4475, RFC 5118 and RFC 3665 too."""

import json
import os

import rig

MESSAGES = os.path.join(rig.SOURCE, "test", "torture", "messages")

# Sections 3.1.1 of RFC 4475: unusual, but right.
RIGHT = ("wsinv intmeth esc01 escnull esc02 lwsdisp longreq semiuri transports mpart01 unreason "
         "noreason").split()

# What the RFC calls broken, though a parser may take it.
BROKEN = "baddate badbranch insuf ncl multi01 mcl01 regbadct".split()

# Examples of RFC 3665 whose own text breaks a rule: no comma behind realm, qop without cnonce, no
# Max-Forwards, a fold without its white space, and 200 to CANCEL without a tag in To.
SLIPS = {"2.1-F3", "2.2-F1", "2.5-F1", "3.10-F4", "3.8-F10", "3.8-F12", "3.8-F14"}

GOOD = """OPTIONS sip:bob@example.com SIP/2.0
Via: SIP/2.0/TCP pc33.example.com;branch=z9hG4bK776asdhds
Max-Forwards: 70
To: <sip:bob@example.com>
From: <sip:alice@example.com>;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 63104 OPTIONS
Content-Length: 0

"""


def verdicts():
    with open(os.path.join(MESSAGES, "..", "parser.tsv"), encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")[:2]


class Lint(rig.Case):
    def lint(self, *words, **more):
        code, out, err = self.run_tsuwa("lint", "--json", *words, **more)
        self.assertEqual(err, "")
        found = json.loads(out)
        self.assertEqual(code, int(any(m["errors"] for m in found)))
        return found

    def errors(self, *words):
        return {os.path.basename(m["file"]): [f["what"] for f in m["findings"]
                                              if f["level"] == "error"]
                for m in self.lint(*words)}

    def test_torture(self):
        """Each message that is refused breaks something, and the answer is the parser's."""
        rows = [(name.replace("messages/", "", 1), verdict) for name, verdict in verdicts()
                if not name.startswith("messages/rfc3665")]
        found = {}
        for m in self.lint(*(os.path.join(MESSAGES, name) for name, _ in rows)):
            found.setdefault(os.path.relpath(m["file"], MESSAGES), m)
        for name, verdict in rows:
            m = found[name]
            self.assertEqual(m["taken"], verdict == "ok", name)
            if verdict != "ok":
                self.assertGreater(m["errors"], 0, name)
            if verdict.isdigit():
                # Without a Via or an end of the header, nobody could be answered.
                self.assertIn(m["status"], (int(verdict), 0), name)

    def test_right_ones(self):
        for name, errors in self.errors(*(f"{MESSAGES}/rfc4475/{n}.dat" for n in RIGHT)).items():
            self.assertEqual(errors, [], name)

    def test_broken_ones(self):
        for name, errors in self.errors(*(f"{MESSAGES}/rfc4475/{n}.dat" for n in BROKEN)).items():
            self.assertNotEqual(errors, [], name)

    def test_flows(self):
        folder = os.path.join(MESSAGES, "rfc3665")
        found = self.errors(*(os.path.join(folder, n) for n in sorted(os.listdir(folder))))
        self.assertEqual(len(found), len(os.listdir(folder)))
        for name, errors in found.items():
            slip = "-".join(name.split("-")[:2]) in SLIPS
            self.assertEqual(bool(errors), slip, f"{name}: {errors}")

    def test_text(self):
        path = self.write("bad.sip", GOOD.replace("63104 OPTIONS", "63104 BYE"))
        code, out, _ = self.run_tsuwa("lint", path)
        self.assertEqual(code, 1)
        self.assertIn("bad.sip:7:13: error: CSeq's method is BYE, that of the start line is "
                      "OPTIONS [RFC 3261 s8.1.1.5]\n"
                      "      7 | CSeq: 63104 BYE\n"
                      "        |             ^~~\n", out)
        self.assertIn("Tsuwa answers 400 Bad Request (CSeq's method", out)
        self.assertTrue(out.endswith("1 message: 1 error, 0 warnings, 0 notes\n"), out)

    def test_good(self):
        self.assertIn("Tsuwa takes it", self.tsuwa("lint", "-", stdin=GOOD))
        self.assertIn("standard input:1: OPTIONS", self.tsuwa("lint", "-", stdin=GOOD))

    def test_line_ends(self):
        """An editor's file is no fault of the message; its bytes as they are would be."""
        path = self.write("good.sip", GOOD)
        self.assertNotIn("warning:", self.tsuwa("lint", path))
        self.assertIn("9 lines end with CR or LF alone", self.tsuwa("lint", "--raw", path))

    def test_several(self):
        text = "# one\n" + GOOD + "---\n" + GOOD.replace("Max-Forwards: 70", "Max-Forward: 70")
        found = self.lint("-", stdin=text)
        self.assertEqual([m["line"] for m in found], [2, 12])
        self.assertEqual([m["errors"] for m in found], [0, 1])
        self.assertEqual([f["fix"] for f in found[1]["findings"] if f["level"] == "warning"],
                         ["Max-Forwards"])

    def test_level(self):
        text = GOOD.replace("pc33.example.com", "10.0.0.1").replace("To:", "t:")
        self.assertIn("note:", self.tsuwa("lint", "-", stdin=text))
        self.assertNotIn("note:", self.tsuwa("lint", "--level", "error", "-", stdin=text))
        self.assertIn("--level is", self.tsuwa("lint", "--level=all", "-", code=2))

    def test_wrong_use(self):
        self.assertIn("no.sip: can't be read", self.tsuwa("lint", "no.sip", code=2))
        self.assertIn("there is no message in it", self.tsuwa("lint", "-", stdin="\n", code=2))
        self.assertIn("needs FILE", self.tsuwa("lint", code=2))

    def test_terminal(self):
        """A message can't steer the terminal of who looks at it."""
        out = self.run_tsuwa("lint", "-", stdin=GOOD.replace("a84b", "\x1b[2J\x07"))[1]
        self.assertNotIn("\x1b", out)
        self.assertNotIn("\x07", out)


if __name__ == "__main__":
    rig.main()
