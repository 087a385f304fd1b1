#!/usr/bin/env python3
"""Checks what src/LAYERS promises.

usage: check.py SRC [--nm NM] [FOLDER=LIBRARY.a ...]

SRC is the folder with LAYERS in it.  For each folder: it stands in LAYERS, its files
include only folders of lower rank and their own, and call nothing that is forbidden in
the whole tree.  For each pure folder also: it includes no header of the system beyond a
few, no impure folder, and its LIBRARY refers to no symbol outside the pure world and
holds no global that can change.  For each public folder: of the house its files include
rank 0 and <tsuwa/...> only, and its LIBRARY refers to nothing else of it but tsuwa_*.
<tsuwa/...> is for the folder lib and those above it; include/tsuwa knows no src/.

An exception in LAYERS is a symbol; or, for a lower impure folder that a pure one may
use, "folder/" or just "folder/file.h"; a reason follows behind a colon.  Exits 1 and names each violation.
"""
import pathlib
import re
import subprocess
import sys

FORBIDDEN = ('strcpy', 'strcat', 'sprintf', 'vsprintf', 'strtok', 'atoi', 'gets', 'alloca',
             'setjmp', 'longjmp')
ALLOCATORS = ('malloc', 'calloc', 'realloc', 'reallocarray', 'strdup', 'strndup', 'asprintf',
              'vasprintf')
PURE_HEADERS = {'assert.h', 'errno.h', 'inttypes.h', 'limits.h', 'stdarg.h', 'stdbool.h',
                'stddef.h', 'stdint.h', 'string.h', 'strings.h', 'emmintrin.h', 'immintrin.h',
                'arm_neon.h'}
API = 'lib'             # the folder that makes include/tsuwa
API_HEADERS = {'stdbool.h', 'stddef.h', 'stdint.h'}     # what its headers may include
PURE_SYMBOLS = {
    'memcpy', 'memmove', 'memset', 'memcmp', 'memchr', 'memrchr', 'memmem', 'mempcpy', 'bcmp',
    'strlen', 'strnlen', 'strcmp', 'strncmp', 'strchr', 'strchrnul', 'strrchr', 'strspn',
    'strcspn', 'strpbrk', 'strstr', 'explicit_bzero', '__assert_fail', '__stack_chk_fail',
    '__memcpy_chk', '__memmove_chk', '__memset_chk', '__explicit_bzero_chk',
    '_GLOBAL_OFFSET_TABLE_'}
# What compilers add for themselves: sanitizers, coverage.
ADDED = re.compile(r'__(asan|odr_asan|ubsan|tsan|msan|lsan|sanitizer|sancov|gcov|gcc|llvm|start_|stop_)'
                   r'|\.|_ZTI|completed|__profc|__llvm')
MUTABLE = re.compile(r'\.(data|bss|tdata|tbss|ldata|lbss)(?!\.rel\.ro)|\*COM\*|COMMON')


class Folder:
    def __init__(self, name, rank, kind, exceptions):
        self.name, self.rank = name, rank
        self.pure, self.public = kind == 'pure', kind == 'public'
        self.exceptions = exceptions


def read_layers(path):
    folders = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.split('#')[0].strip()
        if not line:
            continue
        words = line.split(None, 3)
        if len(words) < 3 or not words[1].isdigit() or words[2] not in ('pure', 'impure',
                                                                                  'public'):
            sys.exit(f'{path}:{number}: expected: folder rank pure|impure|public [symbols: reason]')
        listed, colon, reason = (words[3] if len(words) > 3 else '').partition(':')
        if listed and not reason.strip():
            sys.exit(f'{path}:{number}: an exception needs its reason behind a colon')
        folders[words[0]] = Folder(words[0], int(words[1]), words[2],
                                   set(listed.split()))
    return folders


def blank(match):
    """Keeps the lines, so that numbers still tell where."""
    return re.sub(r'[^\n]', ' ', match.group())


COMMENT = r'/\*.*?\*/|//[^\n]*'
LITERAL = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''


def code_of(text):
    """Without comments and literals."""
    return re.sub(f'{COMMENT}|{LITERAL}', blank, text, flags=re.S)


def line_at(text, offset):
    return text.count('\n', 0, offset) + 1


def without_comments(text):
    def keep(match):
        return blank(match) if match.group().startswith('/') else match.group()
    return re.sub(f'{COMMENT}|{LITERAL}', keep, text, flags=re.S)


def check_include(folders, folder, kind, name):
    """What is wrong with an include, or None."""
    if kind == '<':
        if folder.pure and name not in PURE_HEADERS and not folder.exceptions:
            return f'pure {folder.name} includes <{name}>'
        api = folders.get(API)
        if name.startswith('tsuwa/') and api and folder is not api and folder.rank <= api.rank:
            return f'{folder.name} includes <{name}>, which is for {API} and what is above it'
        return None
    other = folders.get(name.split('/')[0])
    if '/' not in name or not other:
        return f'"{name}" is not of the form folder/file.h'
    if other is folder:
        return None
    if other.rank >= folder.rank:
        return (f'{folder.name} (rank {folder.rank}) includes "{name}" '
                f'(rank {other.rank}): only lower ranks')
    if folder.public and other.rank > 0:
        return f'public {folder.name} includes "{name}": only <tsuwa/...> and rank 0'
    if folder.pure and not other.pure and not {name, other.name + '/'} & folder.exceptions:
        return f'pure {folder.name} includes "{name}" of an impure folder'
    return None


def check_file(src, folders, folder, path):
    text = path.read_text()
    where = path.relative_to(src.parent)
    plain = without_comments(text)
    for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', plain, re.M):
        wrong = check_include(folders, folder, m.group(1), m.group(2))
        if wrong:
            yield f'{where}:{line_at(plain, m.start())}: {wrong}'
    code = code_of(text)
    names = FORBIDDEN
    if where.as_posix() != f'{src.name}/base/alloc.c':
        names += ALLOCATORS
    for m in re.finditer(r'(?<![\w.>])(' + '|'.join(names) + r')\s*\(', code):
        yield f'{where}:{line_at(code, m.start())}: calls {m.group(1)}()'


def check_sources(src, folders):
    for path in sorted(src.rglob('*.[ch]')):
        name = path.relative_to(src).parts[0]
        if name not in folders:
            yield f'{path.relative_to(src.parent)}: {name} does not stand in LAYERS'
            continue
        yield from check_file(src, folders, folders[name], path)


def check_api(src):
    """The public headers stand alone."""
    for path in sorted((src.parent / 'include').rglob('*.h')):
        plain = without_comments(path.read_text())
        for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', plain, re.M):
            if m.group(1) == '<' and (m.group(2) in API_HEADERS or m.group(2).startswith('tsuwa/')):
                continue
            yield (f'{path.relative_to(src.parent)}:{line_at(plain, m.start())}: '
                   f'a public header includes {m.group(2)}')


def symbols_of(nm, library):
    """(undefined, defined, mutable) names of a static library."""
    out = subprocess.run([nm, '--format=sysv', library], check=True, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    undefined, defined, mutable = set(), set(), set()
    for line in out.stdout.splitlines():
        fields = [f.strip() for f in line.split('|')]
        if len(fields) != 7:
            continue
        name, kind, section = fields[0], fields[2], fields[6]
        if not name or kind in ('a', 'N', 'n'):
            continue
        if kind in ('U', 'w', 'v'):
            undefined.add(name)
            continue
        defined.add(name)
        if MUTABLE.match(section) and not ADDED.match(name):
            mutable.add(name)
    if not defined:
        sys.exit(f'{nm} finds no symbols in {library}')
    return undefined - defined, defined, mutable


def check_library(folder, symbols, owner, folders):
    undefined, _, mutable = symbols
    for name in sorted(mutable):
        if name not in folder.exceptions:
            yield f'pure {folder.name} has the mutable global {name}'
    for name in sorted(undefined):
        if name in PURE_SYMBOLS or name in folder.exceptions or ADDED.match(name):
            continue
        other = folders.get(owner.get(name))
        if other and other.rank < folder.rank and (
                other.pure or other.name + '/' in folder.exceptions):
            continue
        whose = f' of {other.name}' if other else ''
        yield f'pure {folder.name} refers to {name}{whose}'


def check_public(folder, symbols, owner, folders):
    for name in sorted(symbols[0]):
        other = folders.get(owner.get(name))
        if other and other.rank > 0 and not name.startswith('tsuwa_'):
            yield f'public {folder.name} refers to {name} of {other.name}'


def check_libraries(nm, libraries, folders):
    symbols = {name: symbols_of(nm, path) for name, path in libraries.items()}
    owner = {s: name for name, (_, defined, _) in symbols.items() for s in defined}
    for name in sorted(symbols):
        if name not in folders:
            yield f'library of {name}, which does not stand in LAYERS'
        elif folders[name].pure:
            yield from check_library(folders[name], symbols[name], owner, folders)
        elif folders[name].public:
            yield from check_public(folders[name], symbols[name], owner, folders)


def main(args):
    nm = 'nm'
    if '--nm' in args:
        at = args.index('--nm')
        nm = args[at + 1]
        del args[at:at + 2]
    if not args:
        sys.exit(__doc__)
    src = pathlib.Path(args[0]).resolve()
    libraries = dict(a.split('=', 1) for a in args[1:])
    folders = read_layers(src / 'LAYERS')
    wrong = list(check_sources(src, folders)) + list(check_api(src))
    wrong += check_libraries(nm, libraries, folders)
    for line in wrong:
        print(line)
    print(f'{len(folders)} folders, {len(libraries)} libraries: {len(wrong)} violations')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
