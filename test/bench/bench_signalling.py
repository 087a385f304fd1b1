#!/usr/bin/env python3
"""CPU time of the server per operation, beside Kamailio where that is installed (tlsf
allocator, two workers, registrations in memory only; Tsuwa's are durable)."""
import os
import shutil

from bench import OPEN, Server, free_port, harness, load, main, median

RUNS = 3
WINDOW = 64
HERE = os.path.dirname(os.path.abspath(__file__))

# name, operation, rounds over all users, goal for Tsuwa (µs), goal as share of Kamailio's
WORK = (
    ('OPTIONS', 'options', 3.5, None),
    ('REGISTER, first', 'first', None, 0.45),
    ('REGISTER, refresh', 'refresh', None, 0.40),
)


class Tsuwa:
    name = 'Tsuwa'

    def __init__(self, lab, args):
        self.server = Server(lab, settings=OPEN + 'workers: 2\n')
        self.to = self.server.at()
        self.domain = self.server.domain

    def pids(self):
        return [self.server.process.pid]

    def stop(self):
        self.server.stop()


class Kamailio:
    name = 'Kamailio'

    def __init__(self, lab, args):
        self.domain = '127.0.0.1'
        port = free_port()
        self.to = f'127.0.0.1:{port}'
        program = shutil.which('kamailio', path=f'/usr/sbin:{os.environ["PATH"]}')
        if not program:
            raise harness.Skipped('Kamailio is not installed: nothing to compare with')
        with open(os.path.join(HERE, 'kamailio.cfg')) as f:
            config = lab.write('kamailio.cfg', f.read().replace('@PORT@', str(port))
                               .replace('@MODULES@', find_modules()), 0o644)
        self.process = lab.start('kamailio', [program, '-f', config, '-DD', '-E', '-x', 'tlsf',
                                              '-X', 'tlsf', '-m', '1024', '-M', '16',
                                              '-Y', lab.dir])
        harness.wait_until(lambda: harness.is_bound(port) or
                           self.process.child.poll() is not None, 'kamailio: its port')
        harness.check(self.process.child.poll() is None, 'kamailio ended')
        # The workers come after the socket.
        load(lab, args.sipload, self.to, 'options', domain=self.domain, count=2000)

    def pids(self):
        family, more = [self.process.pid], True
        while more:
            more = [p for p in children() if p[1] in family and p[0] not in family]
            family += [p[0] for p in more]
        return family

    def stop(self):
        self.process.stop()


def find_modules():
    for path in ('/usr/lib/x86_64-linux-gnu/kamailio/modules', '/usr/lib/kamailio/modules',
                 '/usr/lib/aarch64-linux-gnu/kamailio/modules'):
        if os.path.isdir(path):
            return path
    raise harness.Skipped('Kamailio has no modules')


def children():
    """(pid, parent) of each process."""
    found = []
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat') as f:
                    found.append((int(name), int(f.read().rsplit(')', 1)[1].split()[1])))
            except (FileNotFoundError, ProcessLookupError):
                pass
    return found


def one_run(lab, args, peer):
    """CPU µs of each kind of work, on a server just started."""
    p = peer(lab, args)
    common = {'domain': p.domain, 'users': args.users, 'window': WINDOW, 'pid': p.pids(),
              'sockets': args.sockets}
    got = {'options': load(lab, args.sipload, p.to, 'options', count=5 * args.users, **common),
           'first': load(lab, args.sipload, p.to, 'register', count=args.users, **common),
           'refresh': load(lab, args.sipload, p.to, 'register', count=5 * args.users, round=2,
                           **common)}
    p.stop()
    return got


def measure(lab, table, args):
    results = {}
    for peer in (Tsuwa, Kamailio):
        try:
            results[peer.name] = []
            for i in range(RUNS):
                sub = harness.Lab(args.tsuwa)
                with sub:
                    results[peer.name].append(one_run(sub, args, peer))
        except harness.Skipped as e:
            del results[peer.name]
            table.note(str(e))
    for title, key, goal, share in WORK:
        mine = _cpu(results['Tsuwa'], key)
        table.add(f'{title}: Tsuwa', mine, 'µs', goal)
        if 'Kamailio' not in results:
            continue
        theirs = _cpu(results['Kamailio'], key)
        table.add(f'{title}: Kamailio', theirs, 'µs')
        table.add(f'{title}: Tsuwa / Kamailio', mine / theirs, '', share)
    for name, runs in results.items():
        for title, key, _, _ in WORK:
            table.add(f'{title}: {name}, rate',
                      median([r[key]['per_second'] for r in runs]), '/s')
        retries = sum(r[k]['retries'] for r in runs for k in r)
        if retries:
            table.note(f'{name}: {retries} requests were sent again')


def _cpu(runs, key):
    return median([r[key]['cpu_us'] for r in runs])


if __name__ == '__main__':
    main(__doc__, 'CPU time per operation (UDP, 64 outstanding)', measure,
         (['--sipload'], {'required': True}),
         (['--users'], {'type': int, 'default': 20000}),
         (['--sockets'], {'type': int, 'default': 1}))
