#!/usr/bin/env python3
"""What an operation costs as the server fills: REGISTER with 1 000 to 1 000 000 contacts, calls with
1 000 to 100 000 of them at once.  A table, JSON, or with --svg FILE a drawing."""
import json
import math
import os
import sys

import bench
import harness
from bench import OPEN, Server

CONTACTS = (1000, 10000, 100000, 1000000)
CALLS = (1, 1000, 10000, 100000)


def load(lab, server, kind, **options):
    words = [lab.tsuwa, 'load', kind, '--target', server.at(), '--domain', '127.0.0.1', '--json',
             '--server-pid', server.process.pid]
    for key, value in options.items():
        words += ['--' + key.replace('_', '-')] + ([] if value is True else [value])
    p = lab.start(f'tsuwa load {kind}', words)
    p.wait(900)
    harness.check(p.out, f'tsuwa load {kind} printed nothing: {p.text()}')
    got = json.loads(p.out[-1])
    harness.check(not got['failed'], f'tsuwa load {kind} {options}: {p.out[-1]}')
    return got


def fresh(lab):
    server = Server(lab, settings=OPEN + 'workers: 2\n', domain='127.0.0.1', start=False)
    server.start()
    return server


def memory(got, n):
    return (got['server_memory_bytes'] - got['server_memory_before_bytes']) / n


def contacts(args, n):
    """CPU time of a refresh with n contacts, and memory a contact."""
    with harness.Lab(args.tsuwa) as lab:
        server = fresh(lab)
        first = load(lab, server, 'register', users=n, count=n)
        got = load(lab, server, 'register', users=n, count=args.count, refresh=True)
        server.stop()
    return {'n': n, 'cpu_us': got['server_cpu_us'], 'bytes': memory(first, n)}


def calls(args, n):
    """CPU time of a call while n are up, always at the same rate; and the memory when the load ends,
    over all its calls (of long ones most transactions are over by then)."""
    hold_s = n / args.rate
    with harness.Lab(args.tsuwa) as lab:
        server = fresh(lab)
        load(lab, server, 'options', count=20000)
        got = load(lab, server, 'call', rate=args.rate, hold=f'{max(int(1000 * hold_s), 1)}ms',
                   window=n + 20 * args.rate, count=int(args.rate * (hold_s + 5)))
        server.stop()
    return {'n': n, 'cpu_us': got['server_cpu_us'], 'bytes': memory(got, got['ok'])}


# ---- the drawing ----

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 420, 260, 60, 36, 16, 44


def nice_top(v):
    step = 10 ** math.floor(math.log10(v))
    return next(k * step for k in (1, 2, 3, 4, 5, 6, 8, 10) if k * step >= v)


def panel(x0, y0, title, unit, points):
    """One curve over a logarithmic axis that begins at zero upwards."""
    low, high = math.log10(points[0][0]), math.log10(points[-1][0])
    top = nice_top(1.15 * max(v for _, v in points))
    w, h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(n, v):
        return (x0 + LEFT + w * (math.log10(n) - low) / (high - low or 1), y0 + TOP + h * (1 - v / top))

    out = [f'<text x="{x0 + LEFT}" y="{y0 + 20}" class="t">{title}</text>']
    for k in range(5):
        v = top * k / 4
        y = at(points[0][0], v)[1]
        out.append(f'<line x1="{x0 + LEFT}" y1="{y:.1f}" x2="{x0 + LEFT + w}" y2="{y:.1f}" class="g"/>')
        out.append(f'<text x="{x0 + LEFT - 6}" y="{y + 4:.1f}" class="y">{v:g}</text>')
    for n, v in points:
        x, y = at(n, v)
        out.append(f'<text x="{x:.1f}" y="{y0 + HEIGHT - BOTTOM + 18}" class="x">{n:,}</text>')
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="p"/>')
        out.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" class="x">{v:.3g}</text>')
    line = ' '.join('%.1f,%.1f' % at(n, v) for n, v in points)
    out.append(f'<polyline points="{line}" class="l"/>')
    out.append(f'<text x="{x0 + 12}" y="{y0 + 20}" class="u">{unit}</text>')
    return out


STYLE = ('text{font:12px sans-serif;fill:#222}.t{font-weight:bold}.y{text-anchor:end}'
         '.x{text-anchor:middle}.g{stroke:#ddd}.l{fill:none;stroke:#2060a0;stroke-width:2}'
         '.p{fill:#2060a0}.u{fill:#666}')


def drawing(rows):
    panels = []
    for i, (kind, title) in enumerate((('contacts', 'REGISTER refresh, by contacts'),
                                       ('calls', 'call, by calls at once'))):
        panels += panel(0, i * HEIGHT, title, 'µs', [(r['n'], r['cpu_us']) for r in rows[kind]])
        big = [(r['n'], r['bytes']) for r in rows[kind] if r['n'] >= 1000]
        panels += panel(WIDTH, i * HEIGHT, f'memory at the end, a {kind[:-1]}', 'B', big)
    return '\n'.join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" '
                      f'height="{2 * HEIGHT}"><style>{STYLE}</style>',
                      '<rect width="100%" height="100%" fill="#fff"/>'] + panels + ['</svg>', ''])


def show(rows):
    for kind in rows:
        print(f'{kind:<10}{"CPU µs an operation":>22}{"bytes each":>14}')
        for r in rows[kind]:
            print(f'{r["n"]:<10,}{r["cpu_us"]:>22.2f}{r["bytes"]:>14,.0f}')


def main():
    args = bench.arguments(
        __doc__, (['--svg'], {'metavar': 'FILE'}),
        (['--count'], {'type': int, 'default': 100000, 'help': 'REGISTERs of one measurement'}),
        (['--rate'], {'type': int, 'default': 2000, 'help': 'calls a second'}),
        (['--largest'], {'type': int, 'default': 1000000, 'help': 'leave out what is larger'}))
    harness.enter_namespace()
    rows = {'contacts': [], 'calls': []}
    try:
        for kind, sizes, measure in (('contacts', CONTACTS, contacts), ('calls', CALLS, calls)):
            for n in sizes:
                if n <= args.largest:
                    print(f'{n} {kind} ...', file=sys.stderr)
                    rows[kind].append(measure(args, n))
    except harness.Skipped as e:
        harness.skip(str(e))
    except harness.Failed as e:
        print(f'FAILED: {e}')
        sys.exit(1)
    if args.json:
        print(json.dumps(rows, indent=1))
    else:
        show(rows)
    if args.svg:
        with open(args.svg, 'w', encoding='utf-8') as f:
            f.write(drawing(rows))
        print(f'drawn: {os.path.relpath(args.svg)}', file=sys.stderr)


if __name__ == '__main__':
    main()
