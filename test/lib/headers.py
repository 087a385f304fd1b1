#!/usr/bin/env python3
"""Each public header can be included alone, twice and beside all others, from C and C++ of
old and new standards, without a warning.

usage: headers.py INCLUDE CC CXX
"""
import pathlib
import subprocess
import sys

WARNINGS = ['-pedantic', '-Wall', '-Wextra', '-Wshadow', '-Werror', '-fsyntax-only']
LANGUAGES = [('c', 'c99'), ('c', 'c11'), ('c++', 'c++11'), ('c++', 'c++17')]


def good(compiler, include, language, standard, text):
    run = subprocess.run([*compiler.split(), f'-std={standard}', *WARNINGS, '-I', include, '-x',
                          language, '-'], input=text, text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    if run.returncode:
        print(f'as {standard}:\n{text}{run.stdout}')
    return run.returncode == 0


def main(include, cc, cxx):
    headers = sorted(p.name for p in (pathlib.Path(include) / 'tsuwa').glob('*.h'))
    bad = 0
    for language, standard in LANGUAGES:
        compiler = cc if language == 'c' else cxx
        for h in headers:
            text = f'#include <tsuwa/{h}>\n#include <tsuwa/{h}>\nint main(void) {{ return 0; }}\n'
            bad += not good(compiler, include, language, standard, text)
    print(f'{len(headers)} headers, {len(LANGUAGES)} languages: {bad} bad')
    return 1 if bad or not headers else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:4]))
