#!/usr/bin/env python3
"""Memory per registered contact."""
from bench import OPEN, Server, load, main, pss_bytes


def measure(lab, table, args):
    server = Server(lab, settings=OPEN)
    few = 1000
    common = {'domain': server.domain, 'window': 64}
    # The first users bring along what is there once: stacks, pages of the store, batches.
    load(lab, args.sipload, server.at(), 'register', users=few, count=4 * few, **common)
    before = pss_bytes(server.process.pid)
    load(lab, args.sipload, server.at(), 'register', users=args.contacts, count=args.contacts,
         round=10, **common)
    after = pss_bytes(server.process.pid)
    table.add(f'memory per contact, {args.contacts} of them',
              (after - before) / (args.contacts - few), 'B', 500)
    load(lab, args.sipload, server.at(), 'register', users=args.contacts, count=args.contacts,
         round=11, **common)
    table.add('growth per contact by a refresh of each',
              (pss_bytes(server.process.pid) - after) / args.contacts, 'B')
    table.add('the whole server then (PSS)', pss_bytes(server.process.pid) / 1e6, 'MB')
    server.stop()


if __name__ == '__main__':
    main(__doc__, 'Memory per contact', measure,
         (['--sipload'], {'required': True}),
         (['--contacts'], {'type': int, 'default': 100000}))
