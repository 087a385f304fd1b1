#!/usr/bin/env python3
"""Memory per registered contact."""
import time

from bench import OPEN, Server, load, main, pss_bytes


# Timer J of RFC 3261: an answer over UDP is kept for 64 * 500 ms, in case it got lost.
TRANSACTIONS_S = 34


def measure(lab, table, args):
    server = Server(lab, settings=OPEN)
    n, few = args.contacts, 1000
    common = {'domain': server.domain, 'window': 64}

    def per_contact():
        return (pss_bytes(server.process.pid) - before) / (n - few)

    # The first users bring along what is there once: stacks, pages of the store, batches.
    load(lab, args.sipload, server.at(), 'register', users=few, count=4 * few, **common)
    before = pss_bytes(server.process.pid)
    load(lab, args.sipload, server.at(), 'register', users=n, count=n, round=10, **common)
    table.add(f'per contact, {n} of them, with their transactions', per_contact(), 'B')
    time.sleep(TRANSACTIONS_S)
    table.add('per contact, when the transactions have ended', per_contact(), 'B', 500)
    load(lab, args.sipload, server.at(), 'register', users=n, count=n, round=11, **common)
    time.sleep(TRANSACTIONS_S)
    table.add('the same, all of them refreshed', per_contact(), 'B', 500)
    server.fix_ports()
    server.stop()
    server.start()
    table.add('per contact, after a restart', per_contact(), 'B', 500)
    table.add('the whole server then (PSS)', pss_bytes(server.process.pid) / 1e6, 'MB')
    server.stop()


if __name__ == '__main__':
    main(__doc__, 'Memory per contact', measure,
         (['--sipload'], {'required': True}),
         (['--contacts'], {'type': int, 'default': 100000}))
