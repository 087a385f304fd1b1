"""What `make install` leaves, used as a stranger would: the examples are built against the installed
tree by pkg-config, and run."""
import os
import re
import shlex
import shutil
import subprocess
import wave

import rig

EXAMPLES = os.path.join(rig.SOURCE, "examples")
INVITE = """INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx
From: "A" <sip:alice@example.com>;tag=1
To: <sip:bob@example.com>
Call-ID: 1@192.0.2.1
CSeq: 1 INVITE
Max-Forwards: 70
Contact: <sip:alice@192.0.2.1>
Content-Type: application/sdp

v=0
o=- 1 1 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 4000 RTP/AVP 8 101
a=rtpmap:101 telephone-event/8000
"""


class Installed(rig.Case):
    @classmethod
    def setUpClass(cls):
        """One installation below a directory of the build."""
        cls.root = os.path.join(os.environ["BUILD"], "test", "lib", "installed")
        shutil.rmtree(cls.root, ignore_errors=True)
        meson = [w for w in shlex.split(os.environ["INTROSPECT"]) if w != "introspect"]
        subprocess.run([*meson, "install", "-C", os.environ["BUILD"], "--no-rebuild", "--quiet",
                        "--destdir", cls.root], check=True, stdout=subprocess.DEVNULL)
        cls.prefix = cls.root + os.environ["PREFIX"]

    def find(self, name):
        found = [os.path.join(d, name) for d, _, files in os.walk(self.prefix) if name in files]
        self.assertEqual(len(found), 1, f"{name}: {found}")
        return found[0]

    def pkg_config(self, *words):
        directory = os.path.dirname(self.find("tsuwa.pc"))
        env = {**os.environ, "PKG_CONFIG_PATH": directory, "PKG_CONFIG_SYSROOT_DIR": self.root}
        return shlex.split(subprocess.run(["pkg-config", *words, "tsuwa"], env=env, text=True,
                                          check=True, stdout=subprocess.PIPE).stdout)

    def build(self, name, static=False):
        out = self.path(name)
        flags = self.pkg_config("--cflags", "--libs", *(["--static"] if static else []))
        if static:
            flags = [self.find("libtsuwa.a") if f == "-ltsuwa" else f for f in flags]
        subprocess.run([*os.environ["CC"].split(), *os.environ["CFLAGS"].split(), "-Wall",
                        "-Wextra", "-Werror", os.path.join(EXAMPLES, name + ".c"), "-o", out,
                        *flags], check=True)
        return out

    def run_example(self, *words, stdin=""):
        env = {**os.environ, "LD_LIBRARY_PATH": os.path.dirname(self.find("libtsuwa.so"))}
        return subprocess.run(words, cwd=self.dir, env=env, input=stdin, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)

    def test_what_is_there(self):
        for name in ("tsuwa", "libtsuwa.so", "libtsuwa.so.0", "libtsuwa.a", "tsuwa.pc", "tsuwa.h",
                     "message.h", "sdp.h", "ua.h", "call.h", "tsuwa.1", "tsuwa.yaml.5", "tsuwa.3",
                     "tsuwa_message.3", "tsuwa_sdp.3", "tsuwa_ua.3"):
            self.find(name)
        soname = subprocess.run(["readelf", "-d", self.find("libtsuwa.so")], text=True, check=True,
                                stdout=subprocess.PIPE).stdout
        self.assertIn("[libtsuwa.so.0]", soname)

    def test_parse(self):
        for static in (False, True):
            parse = self.build("parse", static)
            run = self.run_example(parse, stdin=INVITE.replace("\n", "\r\n"))
            self.assertEqual(run.returncode, 0, run.stderr)
            for part in ("request: INVITE sip:bob@example.com", "from: user alice, host example.com",
                         "format: 8 PCMA/8000", "agreed: PCMA to 192.0.2.1 port 4000",
                         "SIP/2.0 200 OK", "To: <sip:bob@example.com>;tag=example",
                         "m=audio 20000 RTP/AVP 8 101"):
                self.assertIn(part, run.stdout)
        bad = self.run_example(parse, stdin=INVITE.replace("CSeq: 1 INVITE", "CSeq: 1 BYE"))
        self.assertIn("bad: CSeq", bad.stdout)
        self.assertIn("SIP/2.0 400 ", bad.stdout)
        junk = self.run_example(parse, stdin="INVITE sip:a SIP/3.0\r\n\r\n")
        self.assertEqual(junk.returncode, 1)
        self.assertIn("at byte 13", junk.stderr)

    def test_caller(self):
        caller = self.build("caller")
        self.init()
        server = self.serve()
        host, port = server.ports["udp"]
        self.write("alice.account", re.sub(r'(?m)^proxy:.*$', f'proxy: "{host}:{port}"',
                                           self.read("alice.account")))
        run = self.run_example(caller, "alice.account", "echo", "hello.wav", "heard.wav")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        for line in ("registered for 600 s", "answered, PCMU", "media flows", "unregistered"):
            self.assertIn(line, run.stdout)
        with wave.open(self.path("heard.wav")) as heard, wave.open(self.path("hello.wav")) as played:
            self.assertGreaterEqual(heard.getnframes(), played.getnframes() * 0.8)
            self.assertGreater(len(set(heard.readframes(heard.getnframes()))), 50)
        run = self.run_example(caller, "alice.account", "nobody", "hello.wav", "heard.wav")
        self.assertEqual(run.returncode, 1)
        self.assertIn("not answered: 404", run.stdout)


if __name__ == "__main__":
    rig.main()
