#!/usr/bin/env python3
"""Sends every message of RFC 4475 and RFC 5118 to Tsuwa, byte by byte as the RFCs have them.

usage: torture.py TSUWA udp|tcp|bytes|defaults|agent|caller
       torture.py TSUWA --table

udp, tcp and bytes (TCP, a byte at a time) send to a server that asks nobody for a password and
to whose domains the messages go; defaults to one as `tsuwa init` sets it up; agent to `tsuwa
answer`.  caller has `tsuwa options` and `tsuwa call` get responses like those of the RFC.  What
may come is in test/torture/verdicts.tsv; what came in doc/TORTURE.md, which --table writes.
"""
import json
import os
import re
import subprocess
import sys
import traceback

import harness
from harness import Failed, Lab, Server, check, wait_until
from torture_wire import (PHONE, SERVER_4, SERVER_6, SERVER_LOOP, Phone, Stream, Udp, ack_of,
                          add_addresses, answer_to, bye_of, check_forwarded, check_response,
                          fits, load, options, reason_of, rounds, split, status_of, values,
                          via_values)

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     '..', '..', 'doc', 'TORTURE.md')
QUIET_S = 80            # timers B, F, H and J run 32 s, one after the other at worst
ERRORS = ('400', '416', '420', '505')     # who sends it matters little
# What the framing of a stream makes of them: the rest never comes, or there is no length.
ON_STREAM = {'clerr': 'drop', 'baddn': 'drop', 'inv2543': '400', 'test': 'drop'}
CLOSES = ('ncl', 'mcl01', 'inv2543', 'clerr', 'baddn')

# Who is registered, and what the messages call them.
USERS = (b'sip:vivekg@chair-dnrc.example.com', b'sip:user@example.com', b'sip:UserB@example.com',
         b"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
         b'sip:sips%3Auser%40example.com@example.net', b'sip:kumiko@example.org',
         b'sip:user;par=u%40example.net@example.com', b'sip:user@host.example.net',
         b'sip:user@[2001:db8::192.0.2.1]')
SETTINGS = '''domains:
  - { name: example.com, aliases: [registrar.example.com, services.example.com] }
  - example.org
  - example.net
  - chair-dnrc.example.com
  - host.example.net
  - { name: v6.example.net, aliases: ["[2001:db8::192.0.2.1]"] }
listen:
  - "udp://192.0.2.230:5060"
  - "tcp://192.0.2.230:5060"
  - "udp://127.0.0.1:5080"
  - "tcp://127.0.0.1:5080"
  - "udp://[2001:db8::10]:5060"
  - "tcp://[2001:db8::10]:5060"
  - "udp://[2001:db8::10]:5070"
  - "udp://[2001:db8::10:5070]:5060"
database: ./tsuwa.db
auth: { register: false, invite: false }
limits: { refusals: 0, message_timeout: 2s }
'''


class TortureServer(Server):
    """The server to whose domains the messages go."""

    def configure(self, settings=''):
        with open(self.config, 'w', encoding='utf-8') as f:
            f.write(SETTINGS)


class DefaultServer(Server):
    """Not a word of what `tsuwa init` writes is changed."""

    def configure(self, settings=''):
        pass


def status(server):
    p = server.lab.command('status', '-c', server.config, '--json').finish()
    server.lab.processes.remove(p)
    return json.loads(''.join(p.out))


def bindings(server, aor):
    p = server.lab.command('registrations', aor, '-c', server.config, '--json')
    p.wait()
    server.lab.processes.remove(p)
    return json.loads('\n'.join(p.out) or '[]')


def wants_ack(m, response):
    """A 400 by the parser has no transaction, and the ACK would be as bad as the request."""
    return m.method == b'INVITE' and status_of(response) != 400


class Torture:
    """One server, the messages of one round, and what became of them."""

    def __init__(self, lab, way, messages, number):
        self.way = way
        self.messages = messages
        self.outcomes = {}
        self.wrong = []
        self.pings = 1000 * number
        kind = DefaultServer if way == 'defaults' else TortureServer
        self.server = kind(lab, domain='localhost')
        self.phone = Phone()
        self.contacts = {}
        if way != 'defaults':
            self.register_users()

    def register_users(self):
        for i, aor in enumerate(USERS):
            contact = b'sip:phone%d@%s:%d' % (i, PHONE[0].encode(), PHONE[1])
            self.phone.register(SERVER_4, aor, b'<' + contact + b'>', i)
            self.contacts[contact] = aor

    def clear(self, message):
        """Takes away what earlier messages registered for this one's user."""
        aor = re.search(rb'^To: .*?(sips?:[^>;\s]*)', message.raw, re.M)
        if aor and message.proxy == '-':
            self.pings += 1
            self.phone.register(SERVER_4, aor[1], b'*', self.pings)

    def address(self, m):
        if self.way == 'defaults':
            return ('127.0.0.1', 5060), m.source(only_4=True)
        if m.name == 'mpart01':
            return SERVER_LOOP, m.source()
        return (SERVER_6 if ':' in m.source() else SERVER_4), m.source()

    def verdicts(self, m):
        """What may come of it here."""
        if self.way in ('tcp', 'bytes') and m.name in ON_STREAM:
            return ON_STREAM[m.name]
        if self.way != 'defaults':
            return m.as_server
        if any(v in ERRORS or v == 'drop' for v in m.as_server.split()):
            return m.as_server.replace('forward', '403')
        return '200 401 403 404 405 407 481 483 501'

    # ---- one message ----

    def ping_udp(self, peer, server):
        self.pings += 1
        peer.send(options(server, self.pings, peer.host, peer.via_port), server)
        got = peer.receive()
        check(got and status_of(got[0]) == 200, 'an OPTIONS after it gets no 200')

    def udp(self, m):
        server, source = self.address(m)
        before = status(self.server)
        with Udp(source, m.sent_by()[1] or 5060) as peer:
            peer.send(m.raw, server)
            finals = []
            if self.verdicts(m) == 'drop' or m.name == 'test':
                wait_until(lambda: self.seen(before), f'{m.name} is counted')
            else:
                finals = [self.final_udp(peer, m)]
            if finals and wants_ack(m, finals[0]):
                peer.send(ack_of(m, finals[0]), server)
            self.ping_udp(peer, server)
            if 'forward' not in m.as_server:
                self.check_sent(m, before, len(finals) + 1)
        return self.judge(m, finals)

    def seen(self, before):
        now = status(self.server)['messages']
        before = before['messages']
        return (now['bad'], now['stray_responses']) != (before['bad'], before['stray_responses'])

    def final_udp(self, peer, m):
        while True:
            got = peer.receive()
            check(got, 'no answer came')
            raw, at_via = got
            check(at_via != m.has_rport(),
                  'the answer came to the port of the ' + ('Via' if at_via else 'source'))
            if status_of(raw) >= 200:
                return raw

    def check_sent(self, m, before, expected):
        """Nothing left for anywhere else: a broadcast, a second answer."""
        before = before['network']['datagrams_out']
        wait_until(lambda: status(self.server)['network']['datagrams_out'] - before >= expected,
                   'the answers are counted')
        sent = status(self.server)['network']['datagrams_out'] - before
        check(sent == expected, f'{sent} datagrams left, not {expected}')

    def stream(self, m):
        server, source = self.address(m)
        before = status(self.server)
        with Stream(source, server) as peer:
            peer.send(m.raw, 1 if self.way == 'bytes' else None)
            finals = []
            if m.name in ('clerr', 'baddn'):
                peer.end()      # what is missing never comes
            if 'drop' in self.verdicts(m) and m.name not in CLOSES:
                wait_until(lambda: self.seen(before), f'{m.name} is counted')
            else:
                finals = self.finals_stream(peer, 2 if m.name == 'dblreq' else 1)
            if m.name in CLOSES:
                check(peer.receive() is None, 'the connection is not closed')
            elif m.name != 'dblreq':
                self.ack_and_ping(peer, m, finals, server)
        if m.name == 'dblreq':
            # They have different owners: either may be answered first.
            finals.sort(key=status_of)
            check([status_of(f) for f in finals] == [200, 404], 'the second request gets no 404')
        return self.judge(m, finals)

    @staticmethod
    def finals_stream(peer, n):
        finals = []
        while len(finals) < n:
            got = peer.receive()
            if got is None:
                break
            if status_of(got) >= 200:
                finals.append(got)
        return finals

    def ack_and_ping(self, peer, m, finals, server):
        """The framing held when the next message on the connection is understood."""
        if finals and wants_ack(m, finals[0]):
            peer.send(ack_of(m, finals[0]))
        self.pings += 1
        peer.send(options(server, self.pings, peer.host, peer.port, 'TCP'))
        got = peer.receive()
        check(got and status_of(got) == 200, 'an OPTIONS after it on the connection gets no 200')

    def judge(self, m, finals):
        forwarded = self.phone.take()
        if forwarded:
            check(len(forwarded) == 1, f'it was forwarded {len(forwarded)} times')
            contact = forwarded[0].split(b' ')[1]
            check(contact in self.contacts, f'it went to {contact}')
            check_forwarded(m, forwarded[0], contact)
        if finals:
            check_response(m, finals[0])
        if m.name == 'bext01':
            named = values(split(finals[0])[1], b'unsupported')
            check(named == values(m.fields, b'proxy-require'), f'Unsupported is {named}')
        if not finals:
            outcome, text = 'drop', 'drop'
        elif forwarded:
            outcome, text = 'forward', 'forward'
        else:
            outcome = str(status_of(finals[0]))
            text = f'{outcome} {reason_of(finals[0]).strip()}'
        self.outcomes[m.name] = text
        check(fits(self.verdicts(m), outcome),
              f'"{text}" instead of {self.verdicts(m)}')
        return finals[0] if finals else b''

    # ---- all of them ----

    def one(self, m):
        if self.way != 'defaults':
            self.clear(m)
        send = self.stream if self.way in ('tcp', 'bytes') else self.udp
        response = send(m)
        if m.name in REGISTERED and self.way != 'defaults':
            REGISTERED[m.name](self, response)

    def run(self):
        # What REGISTERs change comes after what is forwarded.
        for m in sorted(self.messages, key=lambda m: m.proxy == '-'):
            try:
                self.one(m)
            except Failed as e:
                self.wrong.append(f'{m.name}: {e}')
                self.phone.take()
            except Exception as e:
                raise Failed(f'{m.name}: {e!r}') from e
            check(self.server.is_up(), f'{m.name}: the server has ended')
        if self.way == 'udp':
            self.replies()
        self.wait_quiet()
        self.server.stop()

    def wait_quiet(self):
        def quiet():
            s = status(self.server)
            return s['transactions']['now'] == 0 and s['calls']['forwarding'] == 0
        try:
            wait_until(quiet, 'transactions end', QUIET_S)
        except Failed as e:
            s = status(self.server)
            self.wrong.append(f'{e}: {s["transactions"]} {s["calls"]}')

    # ---- the responses, as answers to what was forwarded ----

    def replies(self):
        if any(m.is_response for m in self.messages):
            self.register_users()
            try:
                self.headers_in_contact()
            except Failed as e:
                self.wrong.append(str(e))
        for m in self.messages:
            if not m.is_response or m.name == 'bcast':
                continue
            try:
                self.reply(m)
            except Failed as e:
                self.wrong.append(f'{m.name} as an answer: {e}')

    def headers_in_contact(self):
        """RFC 3261 s16.6 step 2: what a contact has that no Request-URI may have stays here."""
        self.phone.register(SERVER_4, b'sip:h@example.com',
                            b'<sip:h@%s:%d;method=INVITE;x=1?Route=%%3Csip:x.example.com%%3E>' %
                            (PHONE[0].encode(), PHONE[1]), 99)
        self.pings += 1
        with Udp('192.0.2.198', 5060) as peer:
            peer.send(options(SERVER_4, self.pings, '192.0.2.198', 5060)
                      .replace(b'OPTIONS sip:192.0.2.230:5060', b'OPTIONS sip:h@example.com'),
                      SERVER_4)
            check(peer.receive(), 'no answer to an OPTIONS to a contact with headers')
        line = self.phone.take()[0].partition(b'\r\n')[0]
        check(line == b'OPTIONS sip:h@%s:%d;x=1 SIP/2.0' % (PHONE[0].encode(), PHONE[1]),
              f'to a contact with headers goes {line}')

    def reply(self, m):
        """A phone answers a request first by the start line, and the fields that are at fault,
        of the message, then well.  What comes back to the caller?"""
        self.phone.script = lambda request: broken_reply(m, request)
        self.pings += 1
        with Udp('192.0.2.198', 5060) as peer:
            peer.send(options(SERVER_4, self.pings, '192.0.2.198', 5060)
                      .replace(b'OPTIONS sip:192.0.2.230:5060', b'OPTIONS sip:user@example.com'),
                      SERVER_4)
            got = peer.receive()
            check(got, 'the caller gets no answer')
        self.phone.script = None
        self.phone.take()
        line = got[0].partition(b'\r\n')[0]
        # 100 is for this hop alone (s16.7 step 5); what is no response is dropped.
        want = m.start if m.name == 'unreason' else b'SIP/2.0 200 OK'
        check(line == want, f'the caller gets {line}')
        check(len(via_values(split(got[0])[1])) == 1, 'there is another Via than the caller\'s')


def broken_reply(m, request):
    method = request.split(b' ')[0]
    broken = answer_to(request, m.start)
    if m.name == 'scalarlg':
        cseq = next(f for f in m.fields if f.startswith(b'CSeq'))
        broken = re.sub(rb'CSeq: [^\r]*', cseq.replace(b'OPTIONS', method), broken)
    return [broken, answer_to(request, b'SIP/2.0 200 OK')]


# ---- what REGISTERs have registered ----

def listed(t, aor):
    return sorted(b['contact'] for b in bindings(t.server, aor))


def expect_contacts(aor, *contacts):
    def look(t, response):
        have = listed(t, aor)
        check(have == sorted(contacts), f'{aor} has {have}')
        told = [v.partition(b'>')[0].lstrip(b'<').decode()
                for v in values(split(response)[1], b'contact')]
        check(sorted(told) == have, f'the answer tells of {told}')
    return look


def look_cparam01(t, response):
    expect_contacts('sip:watson@example.com', 'sip:+19725552222@gw1.example.net')(t, response)
    contact = values(split(response)[1], b'contact')[0]
    check(b';unknownparam' in contact.partition(b'>')[2], f'the answer has Contact: {contact}')


REGISTERED = {
    'escnull': expect_contacts('sip:null-%00-null@example.com', 'sip:%00@host5.example.com',
                               'sip:%00%00@host5.example.com'),
    'dblreq': expect_contacts('sip:j.user@example.com', 'sip:j.user@host.example.com'),
    'cparam01': look_cparam01,
    'cparam02': expect_contacts('sip:watson@example.com',
                                'sip:+19725552222@gw1.example.net;unknownparam'),
    'regescrt': expect_contacts('sip:user@example.com',
                                'sip:user@example.com?Route=%3Csip:sip.example.com%3E'),
    'ipv6-good': expect_contacts('sip:user@example.com', 'sip:caller@[2001:db8::1]'),
    'port-ambiguous': expect_contacts('sip:user@example.com', 'sip:caller@[2001:db8::1]'),
    'port-unambiguous': expect_contacts('sip:user@example.com', 'sip:caller@[2001:db8::1]'),
    'scalar02': expect_contacts('sip:user@example.com'),
    'regbadct': expect_contacts('sip:user@example.com'),
    'ipv6-bad': expect_contacts('sip:user@example.com'),
}


# ---- the user agent as the endpoint ----

class Agent:
    """`tsuwa answer` without an account.  It is one thread: what it says to a message, it has
    said when it answers the next."""

    def __init__(self, lab, way, messages, number):
        self.messages, self.outcomes, self.wrong = messages, {}, []
        self.pings = 1000 * number
        self.process = lab.command('answer', '--listen', '%s:%d' % SERVER_4, '--max', '50')
        self.process.wait_line('ready')

    def ping(self, peer):
        self.pings += 1
        peer.send(options(SERVER_4, self.pings, peer.host, peer.via_port), SERVER_4)
        return b'Call-ID: ping-%d-' % self.pings

    def all_until_pong(self, peer):
        said = []
        mark = self.ping(peer)
        while True:
            got = peer.receive()
            check(got, 'an OPTIONS after it gets no answer')
            if mark in got[0]:
                check(status_of(got[0]) == 200, 'an OPTIONS after it gets no 200')
                return said
            said.append(got[0])

    def hang_up(self, peer, m, response):
        for request in (ack_of(m, response, to_contact=True), bye_of(m, response)):
            peer.send(request, SERVER_4)
        said = [s for s in self.all_until_pong(peer) if s.startswith(b'SIP/') and b' BYE' in s]
        check(len(said) == 1 and status_of(said[0]) == 200, f'the BYE after it gets {said}')

    def one(self, m):
        with Udp(m.source(only_4=True), m.sent_by()[1] or 5060) as peer:
            peer.send(m.raw, SERVER_4)
            finals = [s for s in self.all_until_pong(peer) if status_of(s) >= 200]
            check(len(finals) < 2, f'{len(finals)} answers')
            outcome = str(status_of(finals[0])) if finals else 'drop'
            self.outcomes[m.name] = f'{outcome} {reason_of(finals[0])}'.strip() if finals else 'drop'
            check(fits(m.endpoint, outcome),
                  f'"{self.outcomes[m.name]}" instead of {m.endpoint}')
            if not finals:
                return
            check_response(m, finals[0])
            if m.method == b'INVITE' and outcome[0] == '2':
                self.hang_up(peer, m, finals[0])
            elif wants_ack(m, finals[0]):
                peer.send(ack_of(m, finals[0]), SERVER_4)
            if m.name == 'bext01':
                named = values(split(finals[0])[1], b'unsupported')
                check(named == values(m.fields, b'require'), f'Unsupported is {named}')

    def run(self):
        for m in self.messages:
            try:
                self.one(m)
            except Failed as e:
                self.wrong.append(f'{m.name}: {e}')
            check(self.process.child.poll() is None, f'{m.name}: tsuwa answer has ended')
        check(self.process.stop() == 0, 'tsuwa answer does not end with 0')


# ---- the user agent as the caller ----

GOOD = {b'OPTIONS': b'SIP/2.0 200 OK', b'INVITE': b'SIP/2.0 486 Busy Here'}


class Caller:
    """A phone says something broken first, then something good; or nothing good at all."""

    def __init__(self, lab, way, messages, number):
        self.lab, self.messages = lab, messages
        self.outcomes, self.wrong = {}, []
        self.phone = Phone()

    def replies(self, m, how, request):
        good = answer_to(request, GOOD.get(request.split(b' ')[0], b'SIP/2.0 200 OK'))
        if how == 'as it is':           # of another transaction
            return [m.raw, good]
        if m.is_response:
            return [broken_reply(m, request)[0], *([good] if how == 'first' else [])]
        # The field at fault of a request, in a response.
        to = next(f for f in m.fields if f.startswith(b'To'))
        broken = re.sub(rb'To: [^\r]*', lambda _: to + b';tag=x', good)
        return [broken, *([good] if how == 'first' else [])]

    def run_one(self, words, m, how, expect, text=''):
        """Ends as expected, and says so."""
        def script(request):
            return [] if request.startswith(b'ACK') else self.replies(m, how, request)
        self.phone.script = script
        p = self.lab.command(*words, f'sip:user@{PHONE[0]}:{PHONE[1]}')
        code = p.wait(60)
        self.lab.processes.remove(p)
        said = p.text()
        if code != expect or text not in said:
            self.wrong.append(f'{m.name} ({how}): tsuwa {words[0]} ended with {code} and said: {said}')

    def run(self):
        broken = [m for m in self.messages if m.is_response or m.name == 'quotbal']
        for m in broken:
            if m.name == 'unreason':
                self.run_one(['options'], m, 'first', 0, '2**3')
                # A 200 without an answer to the offer: acknowledged, and hung up.
                self.run_one(['call'], m, 'first', 1)
                continue
            for how in ('first', 'as it is'):
                self.run_one(['options'], m, how, 0, '200')
                if m.name == 'bcast' and how == 'first':
                    continue    # it is a good 200 here
                self.run_one(['call'], m, how, 1, '486')
        # Nothing but broken ones: as no answer at all.
        self.run_one(['options'], next(m for m in broken if m.name == 'bigcode'), 'only', 1)


# ---- rounds, each in a network of its own, at the same time ----

def run_round(tsuwa, way, number):
    harness.enter_namespace()
    messages = load()
    add_addresses(messages)
    kind = {'agent': Agent, 'caller': Caller}.get(way, Torture)
    try:
        with Lab(tsuwa) as lab:
            t = kind(lab, way, messages if kind is Caller else rounds(messages)[number], number)
            t.run()
    except Failed as e:
        print(f'FAILED: {e}')
        return 1
    except Exception:
        traceback.print_exc(file=sys.stdout)
        return 1
    print('OUTCOMES ' + json.dumps(t.outcomes))
    print('WRONG ' + json.dumps(t.wrong))
    return 0


def run_all(tsuwa, way):
    """What became of each message; what was wrong."""
    n = 1 if way == 'caller' else len(rounds(load()))
    children = [subprocess.Popen([sys.executable, __file__, tsuwa, way, '--round', str(i)],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
                for i in range(n)]
    outcomes, wrong = {}, []
    for child in children:
        out = child.communicate()[0]
        if child.returncode == harness.SKIP:
            harness.skip(out.strip().splitlines()[-1].removeprefix('skipped: '))
        told = dict(re.findall(r'^(OUTCOMES|WRONG) (.*)$', out, re.M))
        if len(told) < 2:
            print(out)
            wrong.append(f'a round did not come to its end (exit {child.returncode})')
            continue
        outcomes.update(json.loads(told['OUTCOMES']))
        wrong += json.loads(told['WRONG'])
    return outcomes, wrong


# ---- the table ----

HEAD = """# What Tsuwa does with the messages of RFC 4475 and RFC 5118

RFC 4475 is the torture test of SIP, RFC 5118 its sequel for IPv6. Every message is sent, byte by
byte as the RFCs have it, to `tsuwa answer` (the user agent) and to `tsuwa serve` (the proxy, and for
REGISTER the registrar): by UDP, by TCP, and by TCP in single bytes. Here is what comes back. "forward"
means that a registered phone got it with its body and all header fields that a proxy need not change
as they were; "drop", that nothing is sent to anybody. On a server that asks for passwords, as `tsuwa
init` makes it, what is forwarded or registered here is challenged first; what is refused here as
malformed is refused there alike.

This page is written by `test/interop/torture.py TSUWA --table`, and the tests compare with it.

| Message | RFC | What it is | User agent | Proxy | Registrar | The choice, where the RFC leaves one |
|---|---|---|---|---|---|---|
"""


def cell(text):
    return text.replace('|', '\\|')


def write_table(tsuwa):
    told = {}
    for way in ('udp', 'tcp', 'agent'):
        told[way], wrong = run_all(tsuwa, way)
        if wrong:
            return wrong
    with open(TABLE, 'w', encoding='utf-8') as f:
        f.write(HEAD)
        for m in load():
            name, server = m.name, told['udp'][m.name]
            note = '' if m.choice == '-' else m.choice
            if told['tcp'][name].split()[0] != server.split()[0]:
                note += ('. ' if note else '') + f'On a stream: {told["tcp"][name]}'
            proxy, registrar = ('-', server) if m.proxy == '-' else (server, '-')
            f.write('| ' + ' | '.join(map(cell, (
                f'`{name}`', m.section, m.title, told['agent'][name], proxy, registrar,
                note))) + ' |\n')
    return []


def compare(way, outcomes):
    """The table on disk says what came."""
    columns = {'udp': (4, 5), 'agent': (3,)}.get(way)
    if not columns:
        return []
    wrong = []
    with open(TABLE, encoding='utf-8') as f:
        rows = [re.split(r'(?<!\\) \| ', line.strip('| \n')) for line in f
                if line.startswith('| `')]
    told = {row[0].strip('`'): [row[c] for c in columns if row[c] != '-'] for row in rows}
    for name, outcome in outcomes.items():
        have = told.get(name, ['nothing'])[0]
        if have.split()[0] != outcome.split()[0]:
            wrong.append(f'{name}: "{outcome}", but doc/TORTURE.md says "{have}": '
                         'see whether this is right, then write it anew by --table')
    return wrong


def main(args):
    if len(args) == 4 and args[2] == '--round':
        return run_round(args[0], args[1], int(args[3]))
    ways = ('udp', 'tcp', 'bytes', 'defaults', 'agent', 'caller')
    if len(args) != 2 or args[1] not in (*ways, '--table'):
        sys.exit(__doc__)
    if args[1] == '--table':
        wrong = write_table(args[0])
    else:
        outcomes, wrong = run_all(*args)
        wrong += compare(args[1], outcomes)
    for line in wrong:
        print(f'FAILED: {line}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
