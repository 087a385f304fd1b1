#!/usr/bin/env python3
"""What the language costs beside sofia-sip, libre and libosip2: nanoseconds and instructions to
parse an INVITE with all its structured headers, to forward it, and to parse its SDP.

usage: peers.py peers_tsuwa [peers_sofia ...] --message invite.sip [--json] [--rounds N]

Times are medians of interleaved runs; instructions are counted by valgrind's callgrind, as the
difference of two runs of the same program, so that what happens once does not count."""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

CASES = {'parse': 'INVITE, all headers', 'edit': 'INVITE forwarded', 'sdp': 'SDP'}
NAMES = {'tsuwa': 'Tsuwa', 'sofia': 'sofia-sip', 'libre': 'libre', 'osip': 'libosip2'}
PACKAGES = {'sofia': 'libsofia-sip-ua-dev', 'libre': 'libre-dev', 'osip': 'libosip2-dev'}
RUNS = 5
FEW, MANY = 100, 300


def peer_of(binary):
    return os.path.basename(binary).split('_', 1)[1]


def run(words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f'{" ".join(words)}: {done.stderr.strip()}')
    return done


def nanoseconds(binary, message, case, rounds):
    return float(run([binary, message, case, str(rounds)]).stdout)


def collected(binary, message, case, rounds):
    with tempfile.TemporaryDirectory() as d:
        done = run(['valgrind', '--tool=callgrind', f'--callgrind-out-file={d}/out', binary,
                    message, case, str(rounds)])
    found = re.search(r'Collected : (\d+)', done.stderr)
    if not found:
        sys.exit(f'valgrind counted nothing: {done.stderr}')
    return int(found.group(1))


def instructions(binary, message, case):
    few, many = (collected(binary, message, case, n) for n in (FEW, MANY))
    return round((many - few) / (MANY - FEW))


def median(values):
    return sorted(values)[len(values) // 2]


def what(binary, message):
    lines = run([binary, message]).stdout.splitlines()
    return dict(line.split(': ', 1) for line in lines)


def measure(binaries, message, rounds):
    counts = shutil.which('valgrind') is not None
    rows = []
    for case in CASES:
        times = {b: [] for b in binaries}
        for _ in range(RUNS):
            for b in binaries:
                times[b].append(nanoseconds(b, message, case, rounds))
        for b in binaries:
            rows.append({'case': case, 'peer': peer_of(b), 'ns': round(median(times[b]), 1),
                         'instructions': instructions(b, message, case) if counts else None,
                         'does': what(b, message)[case]})
    for row in rows:
        ours = next(r for r in rows if r['case'] == row['case'])
        row['ns_ratio'] = round(row['ns'] / ours['ns'], 2)
        row['instructions_ratio'] = (round(row['instructions'] / ours['instructions'], 2)
                                     if counts else None)
    return rows


def cell(value, unit=''):
    return '-' if value is None else f'{value:.2f}{unit}' if unit else f'{value:,.0f}'


def show(rows):
    print(f'{"work":<22}{"library":<12}{"ns":>9}{"x Tsuwa":>10}{"instructions":>15}{"x Tsuwa":>10}')
    last = None
    for r in rows:
        work = CASES[r['case']] if r['case'] != last else ''
        last = r['case']
        print(f'{work:<22}{NAMES[r["peer"]]:<12}{cell(r["ns"]):>9}{cell(r["ns_ratio"], "x"):>10}'
              f'{cell(r["instructions"]):>15}{cell(r["instructions_ratio"], "x"):>10}')
    print('\nWhat each does, from the received bytes to memory given back:')
    for r in rows:
        print(f'  {r["case"]:<7}{NAMES[r["peer"]]:<11}{r["does"]}')


def tell_missing(binaries):
    """Nobody is installed for a benchmark unasked."""
    have = {peer_of(b) for b in binaries}
    missing = [p for peer, p in PACKAGES.items() if peer not in have]
    if shutil.which('valgrind') is None:
        missing.append('valgrind')
    if missing:
        print(f'Without {", ".join(missing)}: type "tools/setup bench" as root, then '
              '"meson setup --reconfigure" in the build directory (make bench does that).',
              file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('binaries', nargs='+')
    parser.add_argument('--message', required=True)
    parser.add_argument('--rounds', type=int, default=20000, help='of each of the timed runs')
    parser.add_argument('--json', action='store_true')
    args = parser.parse_args()
    if peer_of(args.binaries[0]) != 'tsuwa':
        sys.exit('peers_tsuwa comes first: the others are compared with it')
    tell_missing(args.binaries)
    rows = measure(args.binaries, args.message, args.rounds)
    print(json.dumps({'rows': rows}, indent=1)) if args.json else show(rows)


if __name__ == '__main__':
    main()
