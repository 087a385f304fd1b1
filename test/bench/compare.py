#!/usr/bin/env python3
"""Tsuwa beside Kamailio (tlsf allocator, two workers, registrations in memory only; Tsuwa's
are durable) and beside a bare UDP responder, under the same load in the same run.  Values are
medians of --runs runs, each on servers just started; CPU time is the server's, in µs an
operation.  Kamailio is left out with a note where it is not installed."""
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import time

import bench
import harness
from bench import Server, free_port, median, pss_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = 'secret'

# key: title, unit, digits, goal as a share of Kamailio's, goal of its own
ROWS = {
    'options': ('OPTIONS -> 200', 'µs', 2, None, 3.5),
    'options64': ('the same, 64 sockets', 'µs', 2, None, None),
    'first': ('REGISTER, first', 'µs', 2, 0.45, None),
    'refresh': ('REGISTER, refresh', 'µs', 2, 0.40, None),
    'refresh64': ('the same, 64 sockets', 'µs', 2, 0.40, None),
    'digest': ('REGISTER, 401 + 200', 'µs', 2, 0.40, None),
    'digest_reuse': ('REGISTER, digest, nonce kept', 'µs', 2, None, None),
    'call': ('call', 'µs', 1, 0.35, None),
    'call64': ('the same, 64 sockets', 'µs', 1, 0.35, None),
    'call_rate': ('call, 1000 a second', 'µs', 1, 0.35, None),
    'stateless': ('stateless forward, a message', 'µs', 2, 0.55, None),
    'options_rate': ('highest rate, OPTIONS', '/s', 0, None, None),
    'refresh_rate': ('highest rate, REGISTER refresh', '/s', 0, None, None),
    'call_rate_max': ('highest rate, calls', '/s', 0, None, None),
    'contact': ('memory, a contact', 'B', 0, None, 500),
    'call_memory': ('memory, a call until its timers end', 'B', 0, None, 6 * 1024),
    'idle': ('memory, idle', 'MiB', 1, None, 10),
    'start': ('start to first answer', 'ms', 1, None, 15),
}


class Tsuwa:
    name = 'Tsuwa'

    def __init__(self, lab, args, far, digest=False):
        settings = 'workers: 2\n'
        settings += 'auth: { algorithms: [MD5] }\n' if digest else bench.OPEN
        settings += ('routes:\n  - { match: "sip:far@*", mode: stateless, '
                     f'to: "sip:127.0.0.1:{far}" }}\n')
        self.server = Server(lab, settings=settings, domain='127.0.0.1', start=False)
        if digest:
            rows = ''.join(f'u{i}@127.0.0.1,{PASSWORD}\n' for i in range(args.users))
            lab.run('tsuwa user import', [lab.tsuwa, 'user', 'import',
                                          lab.write('users.csv', rows), '-c', self.server.config],
                    limit_s=300)
        self.server.start()
        self.to = self.server.at()
        self.pid = self.server.process.pid

    def stop(self):
        self.server.stop()


class Kamailio:
    name = 'Kamailio'

    def __init__(self, lab, args, far, digest=False):
        port = free_port()
        with open(os.path.join(HERE, 'kamailio.cfg')) as f:
            config = (f.read().replace('@PORT@', str(port)).replace('@FAR@', str(far))
                      .replace('@MODULES@', modules()))
        self.config = lab.write('kamailio.cfg', config, 0o644)
        self.argv = [program(), '-f', self.config, '-DD', '-E', '-x', 'tlsf', '-X', 'tlsf',
                     '-m', '4096', '-M', '16', '-Y', lab.dir, '-A',
                     'DIGEST' if digest else 'PROXY']
        self.env = {}
        root = os.environ.get('KAMAILIO_ROOT')
        if root:
            self.env['LD_LIBRARY_PATH'] = os.path.dirname(modules())
        self.process = lab.start('kamailio', self.argv, env=self.env)
        self.to = f'127.0.0.1:{port}'
        harness.wait_until(lambda: harness.is_bound(port) or
                           self.process.child.poll() is not None, 'kamailio: its port')
        harness.check(self.process.child.poll() is None, 'kamailio ended')
        self.pid = self.process.pid

    def stop(self):
        self.process.stop()


def program():
    root = os.environ.get('KAMAILIO_ROOT', '')
    path = shutil.which('kamailio', path=f'{root}/usr/sbin:{os.environ["PATH"]}:/usr/sbin')
    if not path:
        raise harness.Skipped('Kamailio is not installed: nothing to compare with')
    return path


def modules():
    found = [p for pattern in ('/usr/lib/*/kamailio/modules', '/usr/lib/kamailio/modules')
             for p in glob.glob(os.environ.get('KAMAILIO_ROOT', '') + pattern)]
    if not found:
        raise harness.Skipped('Kamailio has no modules')
    return found[0]


# ---- load ----

def load(lab, args, to, kind, pid=None, password=None, **options):
    """One `tsuwa load`; its JSON."""
    words = [lab.tsuwa, 'load', kind, '--target', to, '--domain', '127.0.0.1', '--json']
    if pid:
        words += ['--server-pid', pid]
    for key, value in options.items():
        words += ['--' + key.replace('_', '-')]
        words += [] if value is True else [value]
    p = lab.start(f'tsuwa load {kind}', words, env={'TSUWA_PASSWORD': password} if password else {})
    p.wait(600)
    harness.check(p.out, f'tsuwa load {kind} printed nothing: {p.text()}')
    got = json.loads(p.out[-1])
    harness.check(not got['failed'] and 'given_up' not in got,
                  f'tsuwa load {kind} {options}: {p.out[-1]}')
    return got


def main_run(lab, args, peer, far, values):
    """OPTIONS, REGISTER and calls on a server that is open to all."""
    p = peer(lab, args, far)
    n, users = args.count, args.users

    def go(kind, **options):
        return load(lab, args, p.to, kind, p.pid, **options)

    go('options', count=2000)       # workers come after the port
    values['idle'] = family_pss(p.pid) / (1 << 20)
    o1 = go('options', count=2 * n)
    o64 = go('options', count=n, sockets=64)
    far_one = go('options', count=n // 2, uri='sip:far@127.0.0.1')
    # Before others register the same users: a call would fork to contacts where nobody is.
    paced = go('call', rate=1000, duration=f'{args.seconds}s')
    c64 = go('call', count=n // 10, sockets=64)
    c1 = go('call', count=n // 10)
    first = go('register', users=users, count=users)
    r1 = go('register', users=users, count=n, refresh=True)
    r64 = go('register', users=users, count=n, refresh=True, sockets=64)
    values.update({
        'options': o1['server_cpu_us'], 'options64': o64['server_cpu_us'],
        'first': first['server_cpu_us'], 'refresh': r1['server_cpu_us'],
        'refresh64': r64['server_cpu_us'], 'stateless': far_one['server_cpu_us'] / 2,
        'call': c1['server_cpu_us'], 'call64': c64['server_cpu_us'],
        'call_rate': paced['server_cpu_us'],
        'call_memory': grown(c1) / c1['ok'],
        'options_rate': max(o1['per_second'], o64['per_second']),
        'refresh_rate': max(r1['per_second'], r64['per_second']),
        'call_rate_max': max(c1['per_second'], c64['per_second']),
        'own_options': o1['own_cpu_us'], 'own_refresh': r1['own_cpu_us'],
        'own_call': c1['own_cpu_us'],
        'retransmissions': sum(x['retransmissions'] for x in
                               (o1, o64, first, r1, r64, far_one, c1, c64, paced)),
    })
    p.stop()


def digest_run(lab, args, peer, far, values):
    p = peer(lab, args, far, digest=True)
    common = {'users': args.users, 'password': PASSWORD, 'algorithm': 'MD5', 'refresh': True}
    got = load(lab, args, p.to, 'register', p.pid, count=args.count // 2, **common)
    values['digest'] = got['server_cpu_us']
    got = load(lab, args, p.to, 'register', p.pid, count=args.count // 2, reuse_nonce=True,
               **common)
    values['digest_reuse'] = got['server_cpu_us']
    p.stop()


def contact_run(lab, args, peer, far, values):
    p = peer(lab, args, far)
    load(lab, args, p.to, 'options', count=20000)
    got = load(lab, args, p.to, 'register', p.pid, users=args.contacts, count=args.contacts)
    values['contact'] = grown(got) / args.contacts
    p.stop()


def grown(got):
    return got['server_memory_bytes'] - got['server_memory_before_bytes']


def start_run(lab, args, peer, far, values):
    """From exec to the first answer, asked anew every 0.2 ms."""
    p = peer(lab, args, far)
    p.stop()
    if peer is Tsuwa:
        p.server.fix_ports()
        argv, env = [lab.tsuwa, 'serve', '-c', p.server.config], {}
    else:
        argv, env = p.argv, p.env
    host, port = p.to.split(':')
    with open(lab.path('started.log'), 'ab') as log, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', 0))
        s.connect((host, int(port)))
        s.setblocking(False)
        begun = time.perf_counter()
        child = subprocess.Popen([str(a) for a in argv], env={**os.environ, **env},
                                 stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            values['start'] = bench._knock(s, '127.0.0.1:%d' % s.getsockname()[1],
                                           int(port), begun)
        finally:
            child.terminate()
            child.wait()


def floor_run(lab, args, values):
    port = free_port()
    p = floor(lab, args, port)
    got = load(lab, args, f'127.0.0.1:{port}', 'options', p.pid, count=args.count)
    values.update({'options': got['server_cpu_us'], 'options_rate': got['per_second'],
                   'refresh': got['server_cpu_us'], 'first': got['server_cpu_us'],
                   'stateless': got['server_cpu_us'], 'digest': 2 * got['server_cpu_us'],
                   'own_options': got['own_cpu_us']})
    got = load(lab, args, f'127.0.0.1:{port}', 'options', p.pid, count=args.count, sockets=64)
    values.update({'options64': got['server_cpu_us'], 'refresh64': got['server_cpu_us']})
    p.stop()


def floor(lab, args, port):
    p = lab.start('floor', [args.floor, '127.0.0.1', port])
    p.wait_line('^ready')
    return p


def family_pss(pid):
    """Of a process and its descendants."""
    family, more = [pid], True
    while more:
        more = [c for c, parent in parents() if parent in family and c not in family]
        family += more
    return sum(pss_bytes(p) for p in family)


def parents():
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat') as f:
                yield int(name), int(f.read().rsplit(')', 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass


# ---- the table ----

STEPS = (main_run, digest_run, contact_run, start_run)


def measure(args):
    """{peer: [values of a run]}, notes."""
    results, notes = {'floor': [], 'Tsuwa': []}, []
    peers = [Tsuwa]
    try:
        program(), modules()
        peers.append(Kamailio)
        results['Kamailio'] = []
    except harness.Skipped as e:
        notes.append(str(e))
    for i in range(args.runs):
        with harness.Lab(args.tsuwa) as lab:
            results['floor'].append({})
            floor_run(lab, args, results['floor'][-1])
        for peer in peers:
            results[peer.name].append({})
            for step in STEPS:
                say(f'run {i + 1} of {args.runs}: {peer.name}, {step.__name__[:-4]}')
                with harness.Lab(args.tsuwa) as lab:
                    port = free_port()
                    floor(lab, args, port)
                    step(lab, args, peer, port, results[peer.name][-1])
    return results, notes


def say(text):
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def middle(results, peer, key):
    got = [r[key] for r in results.get(peer, ()) if key in r]
    return median(got) if got else None


def table(results):
    rows = []
    for key, (title, unit, digits, share, own) in ROWS.items():
        mine, theirs = middle(results, 'Tsuwa', key), middle(results, 'Kamailio', key)
        ratio = mine / theirs if mine is not None and theirs else None
        reached = None
        if share is not None and ratio is not None:
            reached = ratio <= share
        elif own is not None and mine is not None:
            reached = mine <= own
        rows.append({'key': key, 'name': title, 'unit': unit, 'digits': digits,
                     'floor': middle(results, 'floor', key), 'kamailio': theirs, 'tsuwa': mine,
                     'ratio': ratio, 'goal_ratio': share, 'goal': own, 'reached': reached})
    return rows


def cell(value, digits):
    return '-' if value is None else f'{value:,.{digits}f}'


def show(rows, notes, results):
    lines = [('', 'floor', 'Kamailio', 'Tsuwa', 'ratio', 'goal', '')]
    for r in rows:
        goal = f'{r["goal_ratio"]:.2f} x' if r['goal_ratio'] else \
            f'{r["goal"]:g} {r["unit"]}' if r['goal'] else ''
        verdict = {True: 'reached', False: 'MISSED', None: ''}[r['reached']]
        lines.append((f'{r["name"]} ({r["unit"]})',
                      *(cell(r[k], r['digits']) for k in ('floor', 'kamailio', 'tsuwa')),
                      cell(r['ratio'], 2), goal, verdict))
    width = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print(('  '.join([line[0].ljust(width[0])] +
                         [c.rjust(w) for c, w in zip(line[1:6], width[1:6])] +
                         [line[6]])).rstrip())
    for peer in ('Kamailio', 'Tsuwa'):
        own = [middle(results, peer, f'own_{k}') for k in ('options', 'refresh', 'call')]
        if own[0] is not None:
            notes.append(f'{peer}: the load itself took {own[0]:.2f} µs an OPTIONS, '
                         f'{own[1]:.2f} µs a REGISTER, {own[2]:.1f} µs a call; '
                         f'{middle(results, peer, "retransmissions")} requests were sent again')
    for note in notes:
        print(f'({note})')


def main():
    args = bench.arguments(
        __doc__, (['--floor'], {'required': True, 'help': 'the program floor'}),
        (['--runs'], {'type': int, 'default': 3}),
        (['--count'], {'type': int, 'default': 100000, 'help': 'REGISTERs of one measurement'}),
        (['--users'], {'type': int, 'default': 20000}),
        (['--contacts'], {'type': int, 'default': 100000}),
        (['--seconds'], {'type': int, 'default': 5, 'help': 'of calls at 1000 a second'}))
    args.floor = os.path.abspath(args.floor)
    harness.enter_namespace()
    try:
        results, notes = measure(args)
    except harness.Skipped as e:
        harness.skip(str(e))
    except harness.Failed as e:
        print(f'FAILED: {e}')
        sys.exit(1)
    rows = table(results)
    if args.json:
        print(json.dumps({'rows': rows, 'notes': notes, 'runs': results}, indent=1))
    else:
        show(rows, notes, results)


if __name__ == '__main__':
    main()
