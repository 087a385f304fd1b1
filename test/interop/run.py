#!/usr/bin/env python3
"""Runs one test with real peers, in a network of its own.

usage: run.py TSUWA NAME | run.py --list

NAME is a function of a module case_*.py beside this file, without "test_".  Exits 77
where the test can't run, with the reason as last line.
"""
import glob
import importlib
import os
import sys
import traceback

import harness

HERE = os.path.dirname(os.path.abspath(__file__))


def find_all():
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, 'case_*.py'))):
        module = importlib.import_module(os.path.basename(path)[:-3])
        for name in vars(module):
            if name.startswith('test_'):
                found[name[5:]] = getattr(module, name)
    return found


def main(args):
    if args == ['--list']:
        print('\n'.join(find_all()))
        return 0
    if len(args) != 2:
        sys.exit(__doc__)
    harness.enter_namespace()
    tests = find_all()
    if args[1] not in tests:
        print(f'there is no test "{args[1]}"; there are: {" ".join(tests)}')
        return 2
    try:
        with harness.Lab(args[0]) as lab:
            tests[args[1]](lab)
    except harness.Skipped as e:
        harness.skip(str(e))
    except harness.Failed as e:
        print(f'FAILED: {e}')
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    print('passed')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
