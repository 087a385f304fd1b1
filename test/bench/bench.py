"""What the benchmarks share: a network of their own, a server as `tsuwa init` sets it up,
the load program, and one table (or JSON) of values beside their goals."""
import argparse
import json
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'interop'))
import harness  # noqa: E402
from harness import Lab, Server, free_port  # noqa: E402,F401

OPEN = 'auth: { register: false, invite: false }\n'
OPTIONS = ('OPTIONS sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bK{n};rport\r\n'
           'From: <sip:bench@{me}>;tag=1\r\nTo: <sip:{to}>\r\nCall-ID: {n}@{me}\r\n'
           'CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n')


class Table:
    """Rows of a name, a value with its unit, and the goal: a limit that it should stay under."""

    def __init__(self, title, as_json):
        self.title, self.as_json, self.rows = title, as_json, []

    def add(self, name, value, unit, goal=None):
        self.rows.append({'name': name, 'value': round(value, 3), 'unit': unit, 'goal': goal,
                          'reached': None if goal is None else value <= goal})

    def note(self, text):
        self.rows.append({'note': text})

    def show(self):
        if self.as_json:
            print(json.dumps({'title': self.title, 'rows': self.rows}, indent=1))
            return
        print(f'\n{self.title}')
        for r in self.rows:
            if 'note' in r:
                print(f'  ({r["note"]})')
                continue
            goal = '' if r['goal'] is None else \
                f'goal <= {r["goal"]:g}  {"reached" if r["reached"] else "MISSED"}'
            print(f'  {r["name"]:<52}{r["value"]:>10.4g} {r["unit"]:<8}{goal}')


def arguments(doc, *options):
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument('tsuwa')
    parser.add_argument('--json', action='store_true')
    for flags, more in options:
        parser.add_argument(*flags, **more)
    return parser.parse_args()


def main(doc, title, measure, *options):
    """measure(lab, table, args) fills the table."""
    args = arguments(doc, *options)
    harness.enter_namespace()
    table = Table(title, args.json)
    try:
        with Lab(args.tsuwa) as lab:
            measure(lab, table, args)
    except harness.Skipped as e:
        harness.skip(str(e))
    except harness.Failed as e:
        print(f'FAILED: {e}')
        sys.exit(1)
    table.show()


def pss_bytes(pid):
    with open(f'/proc/{pid}/smaps_rollup') as f:
        for line in f:
            if line.startswith('Pss:'):
                return int(line.split()[1]) * 1024
    raise harness.Failed(f'no Pss of {pid}')


def load(lab, sipload, to, op, **options):
    """One run of the load program; its JSON."""
    words = [os.path.abspath(sipload), '--to', to, '--op', op]
    for key, value in options.items():
        for v in value if isinstance(value, list) else [value]:
            words += ['--' + key, v]
    p = lab.start(f'sipload {op}', words)
    p.wait(600)
    harness.check(p.out, 'sipload printed nothing')
    got = json.loads(p.out[-1])
    harness.check(not got['refused'] and not got['failed'], f'sipload {op}: {p.out[-1]}')
    return got


def first_answer_ms(lab, server):
    """From exec to the first answer to an OPTIONS, on ports that are fixed in its file.
    Leaves the server running, as server.process does after start()."""
    port = server.ports['udp', 4]
    lab.files.append(lab.path('started.log'))
    with open(lab.path('started.log'), 'ab') as log, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', 0))
        s.connect(('127.0.0.1', port))
        s.setblocking(False)
        me = '127.0.0.1:%d' % s.getsockname()[1]
        begun = time.perf_counter()
        pid = os.posix_spawn(lab.tsuwa, [lab.tsuwa, 'serve', '-c', server.config], os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                                           (os.POSIX_SPAWN_DUP2, log.fileno(), 2)])
        try:
            return pid, _knock(s, me, port, begun)
        except BaseException:
            end(pid)
            raise


def _knock(s, me, port, begun):
    """Asks anew when ICMP tells that nobody is there, and every 2 ms: what reaches a socket
    that the server only probes the port with is lost."""
    n, asked = 0, 0.0
    while time.perf_counter() - begun < 30:
        try:
            if time.perf_counter() - asked > 0.002:
                n += 1
                asked = time.perf_counter()
                s.send(OPTIONS.format(to=f'127.0.0.1:{port}', me=me, n=n).encode())
            if s.recv(4096).startswith(b'SIP/2.0 2'):
                return 1000 * (time.perf_counter() - begun)
        except ConnectionRefusedError:
            asked = 0.0
        except BlockingIOError:
            pass
        time.sleep(0.0002)
    raise harness.Failed('the server did not answer within 30 s')


def end(pid, number=15):
    os.kill(pid, number)
    os.waitpid(pid, 0)


def median(values):
    return sorted(values)[len(values) // 2]
