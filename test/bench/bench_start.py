#!/usr/bin/env python3
"""Time from exec to the first answer, and memory at rest; empty, and with 20 000 contacts on
disk after an orderly end and after kill -9."""
import signal
import time

from bench import OPEN, Server, end, first_answer_ms, load, main, median, pss_bytes

RUNS = 9


def _starts(lab, server, number=signal.SIGTERM):
    times = []
    for _ in range(RUNS):
        pid, ms = first_answer_ms(lab, server)
        times.append(ms)
        end(pid, number)
    return median(times)


def _at_rest(lab, server):
    pid, _ = first_answer_ms(lab, server)
    time.sleep(1)           # what starting needs is given back by then
    pss = pss_bytes(pid) / 1e6
    end(pid)
    return pss


def measure(lab, table, args):
    server = Server(lab, settings=OPEN, start=False)
    server.start()
    server.fix_ports()
    server.stop()
    table.add('exec to first answer', _starts(lab, server), 'ms', 15)
    table.add('idle memory (PSS)', _at_rest(lab, server), 'MB', 10)
    server.start()
    load(lab, args.sipload, server.at(), 'register', domain=server.domain, users=args.contacts,
         count=args.contacts, window=64)
    server.stop()
    some = f'{args.contacts} contacts on disk'
    goal = 50 if args.contacts <= 20000 else 1000
    table.add(f'exec to first answer, {some}', _starts(lab, server), 'ms', goal)
    table.add(f'idle memory (PSS), {some}', _at_rest(lab, server), 'MB')
    server.start()
    load(lab, args.sipload, server.at(), 'register', domain=server.domain, users=args.contacts,
         count=args.contacts, window=64, round=2)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    pid, ms = first_answer_ms(lab, server)
    end(pid)
    table.add('exec to first answer, the first after kill -9', ms, 'ms')


if __name__ == '__main__':
    main(__doc__, 'Start and memory at rest', measure,
         (['--sipload'], {'required': True}),
         (['--contacts'], {'type': int, 'default': 20000}))
