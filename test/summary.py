#!/usr/bin/env python3
"""Sums up what `meson test` wrote about its last run in each build directory.

usage: summary.py [--allow SKIPS] BUILD...

Prints each skipped test with its reason (the last line that it wrote) and each failed
one, then the sums as the last line.  Exits 1 when a test failed, when a build has no
results, or, with --allow, when a test was skipped that the file SKIPS does not list (a
name a line, "#" before remarks).
"""
import json
import pathlib
import sys

PASSED = ('OK', 'EXPECTEDFAIL')


def results_of(build):
    """(name, passed | failed | skipped, remark) of each test."""
    log = pathlib.Path(build) / 'meson-logs/testlog.json'
    if not log.exists():
        return [(build, 'failed', 'it did not come to the tests')]
    results = []
    for line in log.read_text(errors='replace').splitlines():
        test = json.loads(line)
        said = (test.get('stdout') or '') + '\n' + (test.get('stderr') or '')
        said = [words.strip() for words in said.splitlines() if words.strip()]
        if test['result'] in PASSED:
            results.append((test['name'], 'passed', ''))
        elif test['result'] == 'SKIP':
            results.append((test['name'], 'skipped', said[-1] if said else 'no reason given'))
        else:
            results.append((test['name'], 'failed', test['result']))
    return results or [(build, 'failed', 'it has no tests')]


def read_skips(path):
    lines = (line.split('#')[0].strip() for line in pathlib.Path(path).read_text().splitlines())
    return {line for line in lines if line}


def is_listed(name, skips):
    """meson puts project and suites before a test's own name."""
    return name in skips or name.split(' / ')[-1] in skips


def main(args):
    skips = None
    if args[:1] == ['--allow']:
        skips = read_skips(args[1])
        args = args[2:]
    if not args:
        sys.exit(__doc__)
    count = {'passed': 0, 'failed': 0, 'skipped': 0}
    unlisted = 0
    for build in args:
        for name, verdict, remark in results_of(build):
            count[verdict] += 1
            if verdict != 'passed':
                print(f'{verdict}: {build}: {name}: {remark}')
            if verdict == 'skipped' and skips is not None and not is_listed(name, skips):
                print(f'not allowed: {name} may not be skipped here (see test/SKIPS)')
                unlisted += 1
    line = f'{count["passed"]} passed, {count["failed"]} failed'
    if count['skipped']:
        line += f', {count["skipped"]} skipped'
    print(line)
    return 1 if count['failed'] or unlisted else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
