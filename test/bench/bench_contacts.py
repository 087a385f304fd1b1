#!/usr/bin/env python3
"""Time from exec to the first answer with many contacts on disk (20 000 and a million), which
store_fill has put there, and how long an orderly end takes."""
import os
import subprocess
import time

from bench import OPEN, Server, end, first_answer_ms, main, median, pss_bytes

RUNS = 5
GOALS = ((20000, 50), (1000000, 1000))


def _ends(pid):
    begun = time.perf_counter()
    end(pid)
    return 1000 * (time.perf_counter() - begun)


def measure(lab, table, args):
    server = Server(lab, settings=OPEN, start=False)
    server.start()
    server.fix_ports()
    server.stop()
    database = os.path.join(os.path.dirname(server.config), 'tsuwa.db')
    for contacts, goal in GOALS:
        subprocess.run([args.fill, database, str(contacts), server.domain], check=True)
        starts, ends, pss = [], [], 0
        for _ in range(RUNS):
            pid, ms = first_answer_ms(lab, server)
            pss = pss_bytes(pid) / 1e6
            starts.append(ms)
            ends.append(_ends(pid))
        table.add(f'exec to first answer, {contacts} contacts on disk', median(starts), 'ms', goal)
        table.add('memory (PSS)', pss, 'MB')
        table.add('SIGTERM to the end', median(ends), 'ms')


if __name__ == '__main__':
    main(__doc__, 'Start with many contacts', measure, (['--fill'], {'required': True}))
