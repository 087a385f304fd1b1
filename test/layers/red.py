#!/usr/bin/env python3
"""Shows that check.py turns red: a small good tree passes, and each way to break it is
found and named.

usage: red.py CC AR NM
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LAYERS = '''# folder rank purity exceptions
base 0 pure malloc free: the allocator
crypto 1 impure
sip 1 pure
sdp 1 pure
txn 2 pure
keep 2 pure crypto/ getpid: a fixture
app 3 impure
lib 4 impure
tool 5 public
'''
GOOD = {
    'base/str.h': 'int str_length(const char *p);\n',
    'base/str.c': '#include <string.h>\n#include "base/str.h"\n'
                  'int str_length(const char *p) { return (int)strlen(p); }\n',
    'base/alloc.h': 'void *take(unsigned long n);\n',
    'base/alloc.c': '#include <stdlib.h>\n#include "base/alloc.h"\n'
                    'void *take(unsigned long n) { return malloc(n); }\n',
    'crypto/sum.h': 'int crypto_sum(int a);\n',
    'crypto/sum.c': '#include <unistd.h>\n#include "crypto/sum.h"\n'
                    'int crypto_sum(int a) { return a + getpid(); }\n',
    'sip/msg.h': 'extern const char *const sip_names[2];\nint sip_msg(const char *p);\n',
    'sip/msg.c': '#include "base/str.h"\n#include "sip/msg.h"\n'
                 '/* no sprintf(here) */\nconst char *const sip_names[2] = { "atoi(", "b" };\n'
                 'int sip_msg(const char *p) { return str_length(p); }\n',
    'sdp/sdp.h': 'int sdp(void);\n',
    'sdp/sdp.c': '#include "sdp/sdp.h"\nint sdp(void) { return 1; }\n',
    'txn/txn.h': 'int txn(const char *p);\n',
    'txn/txn.c': '#include "sip/msg.h"\n#include "txn/txn.h"\n'
                 'int txn(const char *p) { return sip_msg(p); }\n',
    'keep/keep.h': 'int keep(void);\n',
    'keep/keep.c': '#include <unistd.h>\n#include "crypto/sum.h"\n#include "keep/keep.h"\n'
                   'int keep(void) { return crypto_sum(getpid()); }\n',
    'app/app.h': 'int app(void);\n',
    'app/app.c': '#include <time.h>\n#include "app/app.h"\n#include "txn/txn.h"\n'
                 'static int calls;\nint app(void) { calls++; return txn("x") + !time(0); }\n',
    '../include/tsuwa/all.h': '#include <stddef.h>\nint tsuwa_all(void);\n',
    'lib/lib.h': 'int lib_inside(void);\n',
    'lib/lib.c': '#include <tsuwa/all.h>\n#include "app/app.h"\n#include "lib/lib.h"\n'
                 'int tsuwa_all(void) { return app(); }\nint lib_inside(void) { return 1; }\n',
    'tool/tool.c': '#include <tsuwa/all.h>\n#include "base/str.h"\n'
                   'int tool(void);\nint tool(void) { return tsuwa_all() + str_length("x"); }\n',
}
# What is added to a file (or a new file), and what the check must say about it.
BAD = [
    ('sip/msg.c', '#include "sdp/sdp.h"\n', 'only lower ranks'),
    ('sip/msg.h', '#include "txn/txn.h"\n', 'only lower ranks'),
    ('sip/msg.c', '#include "msg.h"\n', 'not of the form'),
    ('sip/msg.c', '#include <time.h>\n', 'pure sip includes <time.h>'),
    ('txn/txn.c', '#include "crypto/sum.h"\n', 'of an impure folder'),
    ('new/new.c', 'int new_thing;\n', 'does not stand in LAYERS'),
    ('sip/msg.c', 'long time(long *);\nlong sip_now(void);\n'
                  'long sip_now(void) { return time(0); }\n', 'pure sip refers to time'),
    ('txn/txn.c', 'int crypto_sum(int);\nint txn_sum(void);\n'
                  'int txn_sum(void) { return crypto_sum(1); }\n', 'refers to crypto_sum of crypto'),
    ('sip/msg.c', 'int sdp(void);\nint sip_sdp(void);\nint sip_sdp(void) { return sdp(); }\n',
     'refers to sdp of sdp'),
    ('sip/msg.c', 'int sip_calls;\n', 'mutable global sip_calls'),
    ('sip/msg.c', 'int sip_count(void);\nint sip_count(void) { static int n = 7; return n++; }\n',
     'pure sip has the mutable global'),
    ('app/app.c', '#include <stdio.h>\nvoid app_print(char *p);\n'
                  'void app_print(char *p) { sprintf(p, "x"); }\n', 'calls sprintf()'),
    ('app/app.c', '#include <stdlib.h>\nvoid *app_take(void);\n'
                  'void *app_take(void) { return malloc(3); }\n', 'calls malloc()'),
    ('tool/tool.c', '#include "lib/lib.h"\n', 'only <tsuwa/...> and rank 0'),
    ('tool/tool.c', 'int lib_inside(void);\nint tool_in(void);\n'
                    'int tool_in(void) { return lib_inside(); }\n',
     'public tool refers to lib_inside of lib'),
    ('app/app.c', '#include <tsuwa/all.h>\n', 'which is for lib and what is above it'),
    ('../include/tsuwa/all.h', '#include <stdio.h>\n', 'a public header includes stdio.h'),
    ('../include/tsuwa/all.h', '#include "lib/lib.h"\n', 'a public header includes lib/lib.h'),
]


def build(cc, ar, root, files):
    """FOLDER=LIBRARY for each folder."""
    libraries = []
    for folder in sorted({name.split('/')[0] for name in files} - {'..'}):
        objects = []
        for name in files:
            if name.startswith(folder + '/') and name.endswith('.c'):
                objects.append(str(root / name.replace('/', '-')) + '.o')
                subprocess.run([*cc, '-w', '-fPIC', '-O1', '-I', str(root / 'src'), '-I', str(root / 'include'), '-c',
                                str(root / 'src' / name), '-o', objects[-1]], check=True)
        library = str(root / f'lib{folder}.a')
        subprocess.run([ar, 'rcs', library, *objects], check=True)
        libraries.append(f'{folder}={library}')
    return libraries


def check(cc, ar, nm, files):
    with tempfile.TemporaryDirectory() as top:
        root = pathlib.Path(top)
        for name, text in files.items():
            path = root / 'src' / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (root / 'src/LAYERS').write_text(LAYERS)
        run = subprocess.run([sys.executable, str(HERE / 'check.py'), str(root / 'src'),
                              '--nm', nm, *build(cc, ar, root, files)],
                             text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return run.returncode, run.stdout


def main(cc, ar, nm):
    cc = cc.split()
    code, text = check(cc, ar, nm, GOOD)
    if code != 0:
        print('a good tree is refused:\n' + text)
        return 1
    failed = 0
    for name, addition, expected in BAD:
        code, text = check(cc, ar, nm, {**GOOD, name: GOOD.get(name, '') + addition})
        if code != 1 or expected not in text:
            print(f'{name} with\n{addition}gave {code}, not "{expected}":\n{text}')
            failed += 1
    print(f'{len(BAD)} violations, {failed} not found')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:4]))
