"""What every test with real peers needs: a directory of its own, a network of its own,
processes that are watched and ended, and a Tsuwa server.

Nothing waits for a fixed time: a test waits for a line, a port or an exit, with a limit
that only a failing test reaches.
"""
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SKIP = 77
LIMIT_S = 30            # of one wait; sanitizers are slow
INSIDE = 'TSUWA_INTEROP_INSIDE'

_libc = ctypes.CDLL(None)


class Failed(Exception):
    """The verdict of a test, in words."""


class Skipped(Exception):
    pass


def check(condition, why):
    if not condition:
        raise Failed(why)


# ---- a network of our own ----

def enter_namespace():
    """Starts this program anew where only lo exists.  Comes back inside of it."""
    if os.environ.get(INSIDE):
        return
    script = 'ip link set lo up && exec "$@"'
    why = ''
    for unshare in (['unshare', '-n'], ['unshare', '-r', '-n']):
        try:
            able = subprocess.run([*unshare, 'sh', '-c', script, 'sh', 'true'],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
        except FileNotFoundError:
            skip('there is no unshare(1): util-linux is missing')
        if able.returncode == 0:
            os.environ[INSIDE] = '1'
            os.execvp('unshare', [*unshare, 'sh', '-c', script, 'sh', sys.executable, *sys.argv])
        why = able.stderr.strip()
    skip(f'no network namespace may be made here: {why}')


def skip(why):
    print(f'skipped: {why}')
    sys.exit(SKIP)


def need(program):
    """The path of a peer, or the test is skipped."""
    path = shutil.which(program)
    if not path:
        raise Skipped(f'{program} is not installed')
    return path


def free_port(kind=socket.SOCK_DGRAM, host='127.0.0.1'):
    """A port that is free for UDP and TCP alike; nobody else is in this network."""
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_DGRAM) as u, \
                socket.socket(family, socket.SOCK_STREAM) as t:
            u.bind((host, 0))
            port = u.getsockname()[1]
            try:
                t.bind((host, port))
            except OSError:
                continue
            # sipp and RTP peers take the next ports too.
            if port % 2 == 0 and port < 65000:
                return port


def wait_until(condition, what, limit_s=LIMIT_S):
    """For what has no line and no descriptor to wait for."""
    end = time.monotonic() + limit_s
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed(f'{what}: not within {limit_s} s')
        time.sleep(0.01)


def is_bound(port, transport='udp'):
    wanted = f':{port:04X}'
    for family in ('', '6'):
        try:
            with open(f'/proc/net/{transport}{family}') as f:
                for line in f.readlines()[1:]:
                    words = line.split()
                    if words[1].endswith(wanted) and (transport == 'udp' or words[3] == '0A'):
                        return True
        except FileNotFoundError:
            pass
    return False


# ---- processes ----

def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)      # PR_SET_PDEATHSIG
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


class Process:
    """A child whose lines are collected.  stop() and kill() touch no other process."""

    def __init__(self, name, argv, cwd=None, env=None, stdin=None):
        self.name = name
        self.lines = []         # of both streams, as they came
        self.out = []           # of standard output alone
        self._news = threading.Condition()
        self._open = 2
        self.child = subprocess.Popen(
            [str(a) for a in argv], cwd=cwd, env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_die_with_parent)
        self.pid = self.child.pid
        for stream, sinks in ((self.child.stdout, (self.lines, self.out)),
                              (self.child.stderr, (self.lines,))):
            threading.Thread(target=self._read, args=(stream, sinks), daemon=True).start()
        if stdin is not None:
            self.write(stdin)
            self.child.stdin.close()

    def _read(self, stream, sinks):
        for raw in stream:
            line = raw.decode(errors='replace').rstrip('\r\n')
            with self._news:
                for sink in sinks:
                    sink.append(line)
                self._news.notify_all()
        stream.close()
        with self._news:
            self._open -= 1
            self._news.notify_all()

    def write(self, text):
        self.child.stdin.write(text.encode())
        self.child.stdin.flush()

    def wait_line(self, pattern, limit_s=LIMIT_S, after=0):
        """The match of the first line from number `after` on that the pattern is found in."""
        regex = re.compile(pattern)
        end = time.monotonic() + limit_s
        at = after
        with self._news:
            while True:
                while at < len(self.lines):
                    found = regex.search(self.lines[at])
                    if found:
                        return found
                    at += 1
                if not self._open:
                    raise Failed(f'{self.name} ended without a line like "{pattern}"')
                if not self._news.wait(max(0, end - time.monotonic())) and \
                        time.monotonic() >= end:
                    raise Failed(f'{self.name}: no line like "{pattern}" in {limit_s} s')

    def has_line(self, pattern):
        with self._news:
            return any(re.search(pattern, line) for line in self.lines)

    def wait(self, limit_s=LIMIT_S):
        """Exit code; negative: the signal.  All lines are there when this returns."""
        try:
            code = self.child.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise Failed(f'{self.name} did not end within {limit_s} s') from None
        with self._news:
            self._news.wait_for(lambda: self._open == 0, 5)
        return code

    def finish(self, limit_s=LIMIT_S, expect=0):
        code = self.wait(limit_s)
        check(code == expect, f'{self.name} ended with {code}, not {expect}')
        return self

    def send_signal(self, number):
        if self.child.poll() is None:
            os.kill(self.pid, number)

    def stop(self, number=signal.SIGTERM, limit_s=LIMIT_S):
        self.send_signal(number)
        return self.wait(limit_s)

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()

    def text(self):
        return '\n'.join(self.lines)


class Lab:
    """One test's directory and processes."""

    def __init__(self, tsuwa):
        self.tsuwa = os.path.abspath(tsuwa)
        self.dir = tempfile.mkdtemp(prefix='tsuwa-interop-')
        self.processes = []
        self.files = []         # logs that peers write themselves

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for p in reversed(self.processes):
            p.kill()
        if kind and not issubclass(kind, Skipped):
            self._tell()
        shutil.rmtree(self.dir, ignore_errors=True)

    def _tell(self):
        for p in self.processes:
            print(f'---- {p.name} (exit {p.child.poll()}): {" ".join(p.child.args)}')
            print('\n'.join(p.lines[-120:]))
        for path in self.files:
            if os.path.exists(path) and os.path.getsize(path):
                with open(path, errors='replace') as f:
                    print(f'---- {os.path.basename(path)}\n{f.read()[-12000:]}')

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        with open(path, 'w', opener=lambda p, f: os.open(p, f, mode)) as f:
            f.write(text)
        return path

    def start(self, name, argv, **more):
        p = Process(name, argv, cwd=more.pop('cwd', self.dir), **more)
        self.processes.append(p)
        return p

    def run(self, name, argv, expect=0, limit_s=LIMIT_S, **more):
        return self.start(name, argv, **more).finish(limit_s, expect)

    def command(self, *words, name=None, **more):
        """A tsuwa command, started."""
        return self.start(name or f'tsuwa {words[0]}', [self.tsuwa, *words], **more)


# ---- the server ----

LISTEN = ('udp://127.0.0.1:0', 'tcp://127.0.0.1:0')
LISTEN_6 = ('udp://[::1]:0', 'tcp://[::1]:0')


class Server:
    """`tsuwa init`, users, a configuration on ports of the system's choice, `tsuwa serve`."""

    def __init__(self, lab, listen=LISTEN, settings='', users=None, start=True,
                 domain='localhost', name='server', about=None):
        self.lab = lab
        self.dir = lab.path(name)
        self.config = os.path.join(self.dir, 'tsuwa.yaml')
        self.domain = domain
        self.about = about or {}        # more of the domain: aliases, mode
        self.listen = list(listen)
        self.process = None
        self.passwords = {}
        lab.run('tsuwa init', [lab.tsuwa, 'init', self.dir, '--domain', domain])
        self.configure(settings)
        for user, password in (users or {}).items():
            self.add_user(user, password)
        if start:
            self.start()

    def configure(self, settings=''):
        self.settings = settings
        listen = '\n'.join(f'  - "{at}"' for at in self.listen)
        domain = json.dumps({'name': self.domain, **self.about})
        with open(self.config, 'w') as f:
            f.write(f'domains:\n  - {domain}\nlisten:\n{listen}\n'
                    f'database: ./tsuwa.db\n{settings}\n')

    def add_user(self, user, password):
        self._user('add', user, password)

    def set_password(self, user, password):
        self._user('passwd', user, password)

    def _user(self, verb, user, password):
        self.lab.run(f'tsuwa user {verb}',
                     [self.lab.tsuwa, 'user', verb, f'{user}@{self.domain}', '-c', self.config,
                      '--password-stdin'], stdin=password + '\n')
        self.passwords[user] = password

    def start(self):
        self.process = self.lab.command('serve', '-c', self.config, name='tsuwa serve')
        ready = self.process.wait_line(r'^ready\b.*').group(0)
        self.ports = {}
        for transport, host, port in re.findall(r'(\w+)://(\[[^]]*\]|[\d.]+):(\d+)', ready):
            self.ports[transport, 6 if host.startswith('[') else 4] = int(port)
        check(self.ports, f'the ready line names no listener: {ready}')

    def restart(self):
        """On the same ports, as a server after a crash."""
        self.fix_ports()
        self.start()

    def fix_ports(self):
        fixed = []
        for at in self.listen:
            transport, host = re.match(r'(\w+)://(.*):\d+$', at).groups()
            fixed.append(f'{transport}://{host}:'
                         f'{self.ports[transport, 6 if "[" in host else 4]}')
        self.listen = fixed
        self.configure(self.settings)

    def at(self, transport='udp', family=4):
        return ('[::1]' if family == 6 else '127.0.0.1') + f':{self.ports[transport, family]}'

    def account(self, user, transport='udp', password=None, name=None):
        """An account file for the user agent."""
        return self.lab.write(
            name or f'{user}-{transport}.account',
            f'user: "{user}@{self.domain}"\n'
            f'password: "{password or self.passwords[user]}"\n'
            f'proxy: "{self.at(transport)}"\ntransport: {transport}\n')

    def registrations(self, aor=None):
        """What `tsuwa registrations --json` tells."""
        words = [aor] if aor else []
        p = self.lab.command('registrations', *words, '-c', self.config, '--json').finish()
        return json.loads('\n'.join(p.out))

    def is_registered(self, user):
        p = self.lab.command('registrations', f'sip:{user}@{self.domain}', '-c', self.config)
        p.wait()
        return f'{user}@{self.domain}' in '\n'.join(p.out)

    def stop(self, expect=0):
        code = self.process.stop()
        check(code == expect, f'the server ended with {code} on SIGTERM')

    def is_up(self):
        return self.process.child.poll() is None
