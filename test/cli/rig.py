"""What the tests of the command line share: a directory of their own, the program, a running
server, and just enough SIP to register."""

import hashlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

TSUWA = os.environ["TSUWA"]
SOURCE = os.environ.get("SOURCE", ".")
WAIT_S = 20


class Case(unittest.TestCase):
    """A test in a directory of its own."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="tsuwa-cli-")
        self.servers = []

    def tearDown(self):
        for server in self.servers:
            server.kill()
        shutil.rmtree(self.dir)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def run_tsuwa(self, *words, stdin="", env=None):
        """Exit code, standard output, standard error; runs in the test's directory."""
        e = {k: v for k, v in os.environ.items() if k not in ("TSUWA_PASSWORD", "NOTIFY_SOCKET")}
        e.update(env or {})
        p = subprocess.run([TSUWA, *words], cwd=self.dir, input=stdin, env=e, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                           start_new_session=True, check=False)
        return p.returncode, p.stdout, p.stderr

    def tsuwa(self, *words, code=0, **more):
        """Standard output of a run that must end with this code."""
        got, out, err = self.run_tsuwa(*words, **more)
        self.assertEqual(got, code, f"tsuwa {' '.join(words)}\n{out}{err}")
        return out if code == 0 else err

    def json(self, *words):
        return json.loads(self.tsuwa(*words, "--json"))

    def init(self, *words):
        """An installation in the test's directory whose ports the system chooses, and whose
        guard bears tests that ask again and again."""
        self.tsuwa("init", *words)
        self.write("tsuwa.yaml", re.sub(r":5060\"", ':0"', self.read("tsuwa.yaml")) +
                   "\nlimits: { refusals: 0 }\n")

    def serve(self, *words, **more):
        server = Server(self.dir, *words, **more)
        self.servers.append(server)
        return server

    def account(self, name):
        """User, domain, password of NAME.account."""
        text = self.read(name + ".account")
        user, domain = re.search(r'^user: "(.*)@(.*)"$', text, re.M).groups()
        return user, domain, re.search(r'^password: "(.*)"$', text, re.M).group(1)


class Server:
    """A server in the foreground, ready to answer."""

    def __init__(self, cwd, *words, env=None, log=None, wait=True):
        e = dict(os.environ)
        e.pop("JOURNAL_STREAM", None)
        e.update(env or {})
        self.log = log or tempfile.TemporaryFile("w+", encoding="utf-8")
        self.process = subprocess.Popen([TSUWA, "serve", *words], cwd=cwd, env=e, text=True,
                                        stdout=subprocess.PIPE, stderr=self.log)
        self.ready = self.read_line() if wait else ""
        self.ports = {t: (host, int(port)) for t, host, port in
                      re.findall(r"(udp|tcp)://([0-9.]+):(\d+)", self.ready)}

    def read_line(self):
        got, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        return self.process.stdout.readline() if got else ""

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def until_said(self, text):
        """Waits for a line of the log."""
        end = time.monotonic() + WAIT_S
        while text not in self.said():
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"not said: {text}\n{self.said()}")
            select.select([], [], [], 0.01)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        return self.process.wait(WAIT_S)

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


def digest(method, uri, challenge, user, password):
    """An Authorization value for a Digest challenge with SHA-256 and qop=auth (RFC 7616)."""
    realm = re.search(r'realm="([^"]*)"', challenge).group(1)
    nonce = re.search(r'nonce="([^"]*)"', challenge).group(1)
    h = lambda *parts: hashlib.sha256(":".join(parts).encode()).hexdigest()
    response = h(h(user, realm, password), nonce, "00000001", "c0", "auth", h(method, uri))
    return (f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c0"')


class Phone:
    """A UDP socket that registers."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(server.ports["udp"])
        self.socket.settimeout(WAIT_S)
        self.cseq = 0

    def close(self):
        self.socket.close()

    def send(self, method, uri, aor, extra="", body="", contact=True):
        self.cseq += 1
        host, port = self.socket.getsockname()
        if contact:
            extra = f"Contact: <sip:{aor.split('@')[0]}@{host}:{port}>\r\n" + extra
        self.socket.send((
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKcli{port}x{self.cseq};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{aor}>;tag=t{port}\r\nTo: <sip:{aor}>\r\n"
            f"Call-ID: cli-{port}\r\nCSeq: {self.cseq} {method}\r\n"
            f"User-Agent: cli test\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}").encode())

    def receive(self):
        return self.socket.recv(65536).decode()

    def request(self, method, uri, aor, extra="", body="", contact=True):
        """Sends and gives the final response: status and text."""
        self.send(method, uri, aor, extra, body, contact)
        return self.final()

    def final(self):
        """The final response to what was sent last."""
        while True:
            text = self.receive()
            status = int(text.split()[1])
            if status >= 200 and f"CSeq: {self.cseq} " in text:
                return status, text

    def answer(self):
        """Waits for an INVITE and answers it with 200, as who has no sound."""
        while not (text := self.receive()).startswith("INVITE "):
            pass
        keep = [l for l in text.split("\r\n") if re.match("(Via|Record-Route|From|Call-ID|CSeq):", l)]
        to = re.search(r"^To: .*?(?=\r)", text, re.M).group(0) + ";tag=b"
        host, port = self.socket.getsockname()
        self.socket.send("\r\n".join(["SIP/2.0 200 OK", *keep, to,
                                      f"Contact: <sip:{host}:{port}>", "Content-Length: 0",
                                      "", ""]).encode())

    def register(self, user, domain, password, expires=600):
        uri, extra = f"sip:{domain}", f"Expires: {expires}\r\n"
        status, text = self.request("REGISTER", uri, f"{user}@{domain}", extra)
        if status != 401:
            return status
        challenges = [l for l in text.split("\r\n") if l.lower().startswith("www-authenticate:")]
        challenge = next(c for c in challenges if "SHA-256" in c)
        extra += f"Authorization: {digest('REGISTER', uri, challenge, user, password)}\r\n"
        return self.request("REGISTER", uri, f"{user}@{domain}", extra)[0]


class Calls(Case):
    """A server with one worker and open doors, and phones that register and call."""

    def phone(self, name=None, more=""):
        phone = Phone(self.server)
        self.phones.append(phone)
        if name:
            self.assertEqual(self.register(phone, name, more), 200)
        return phone

    def register(self, phone, name, more=""):
        """Open doors: no password.  The status."""
        return phone.request("REGISTER", "sip:localhost", f"{name}@localhost", more)[0]

    def call(self, name, callee):
        """A stranger's call, that the callee's phone answers."""
        caller = self.phone()
        caller.send("INVITE", f"sip:{name}@localhost", "eve@stranger.test")
        callee.answer()
        status, _ = caller.final()
        self.assertEqual(status, 200)

    def users(self):
        return sorted(r["aor"].split("@")[0] for r in self.json("registrations"))

    def begin(self, more="", env=None):
        self.init()
        self.write("tsuwa.yaml", self.read("tsuwa.yaml") + "\nworkers: 1\n"
                   "auth: { register: false, invite: false }\n" + more)
        self.phones = []
        self.server = self.serve(env=env)

    def tearDown(self):
        for phone in getattr(self, "phones", []):
            phone.close()
        super().tearDown()

    def kill(self):
        self.server.signal(signal.SIGKILL)
        self.server.wait()


def main():
    unittest.main(verbosity=2)
