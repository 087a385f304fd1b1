#!/usr/bin/env python3
"""Holds together what the public headers declare, what the libraries show and what the man pages
tell: the same functions in all of them, and no other name of the house.

usage: symbols.py SOURCE LIBRARY.so LIBRARY.a
"""
import pathlib
import re
import subprocess
import sys


def declared(headers):
    names = set()
    for header in headers:
        text = re.sub(r'/\*.*?\*/', '', header.read_text(), flags=re.S)
        text = re.sub(r'^[ \t]*#.*(\\\n.*)*', '', text, flags=re.M)
        text = re.sub(r'\{[^{}]*\};', ';', text)        # the inside of structures
        names.update(re.findall(r'\b(tsuwa_\w+)\(', text))
    return names


def shown(library, *flags):
    """Names that a library shows, but for those that the tools add."""
    out = subprocess.run(['nm', '--defined-only', *flags, library], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    names = {line.split()[-1] for line in out.splitlines() if len(line.split()) == 3}
    return {n.split('@')[0] for n in names if not re.match(r'TSUWA_0$|__(asan|odr_asan)', n)}


def tell(names, what):
    for name in sorted(names):
        print(f'{name}: {what}')
    return len(names)


def main(source, shared, static):
    source = pathlib.Path(source)
    public = declared(sorted((source / 'include/tsuwa').glob('*.h')))
    pages = sorted((source / 'doc/man').glob('*.3'))
    manual = set(re.findall(r'\b(tsuwa_\w+)\(', '\n'.join(p.read_text() for p in pages)))
    wrong = 0
    for library, names in ((shared, shown(shared, '-D')), (static, shown(static, '-g'))):
        library = pathlib.Path(library).name
        wrong += tell(public - names, f'stands in a header, and not in {library}')
        wrong += tell(names - public, f'is shown by {library}, and stands in no header')
    wrong += tell(public - manual, 'has no entry in a man page of section 3')
    wrong += tell({m for m in manual if m not in public and m != 'tsuwa_'},
                  'stands in a man page, and in no header')
    print(f'{len(public)} public functions, {len(pages)} man pages: {wrong} violations')
    return 1 if wrong or not public else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:4]))
