"""The messages of RFC 4475 and RFC 5118, and the means to send them byte by byte, to take what
comes back where RFC 3261 s18.2.2 sends it, and to look at what was forwarded."""
import os
import re
import select
import socket
import subprocess
import threading
import time

from harness import LIMIT_S, Failed, check

HERE = os.path.dirname(os.path.abspath(__file__))
TORTURE = os.path.join(HERE, '..', 'torture')
COMPACT = {b'v': b'via', b'f': b'from', b't': b'to', b'i': b'call-id', b'm': b'contact',
           b'l': b'content-length', b'c': b'content-type', b's': b'subject', b'k': b'supported'}

PHONE = ('192.0.2.240', 5066)
SERVER_4 = ('192.0.2.230', 5060)
SERVER_6 = ('2001:db8::10', 5060)
SERVER_LOOP = ('127.0.0.1', 5080)       # mpart01 names it in Route
# Where messages come from whose Via has a name: one each, so that no limit per source counts.
NAMED_NET = '198.51.100.'


# ---- messages ----

def split(raw):
    """Start line, fields as they stand (folds and all), body."""
    head, _, body = raw.partition(b'\r\n\r\n')
    lines = re.split(rb'\r\n(?![ \t])', head.removesuffix(b'\r\n'))
    return lines[0], lines[1:], body


def name_of(field):
    name = field.partition(b':')[0].strip().lower()
    return COMPACT.get(name, name)


def value_of(field):
    """With each run of white space as one blank."""
    return re.sub(rb'[ \t\r\n]+', b' ', field.partition(b':')[2]).strip()


def values(fields, name):
    return [value_of(f) for f in fields if name_of(f) == name]


def via_values(fields):
    """Without any white space: where it may stand in a Via is a matter of taste."""
    return [v.replace(b' ', b'') for text in values(fields, b'via') for v in text.split(b',')]


class Message:
    def __init__(self, row, number):
        (self.name, self.section, self.title, self.endpoint, self.proxy, self.registrar,
         self.choice) = row
        self.number = number
        folder = 'rfc' + self.section.split()[0]
        with open(os.path.join(TORTURE, 'messages', folder, self.name + '.dat'), 'rb') as f:
            self.raw = f.read()
        self.start, self.fields, self.body = split(self.raw)
        self.is_response = self.start.startswith(b'SIP/')
        self.method = b'' if self.is_response else self.start.split(b' ')[0]
        self.vias = via_values(self.fields)

    @property
    def as_server(self):
        """What a server may do: the verdicts of the two columns."""
        return self.registrar if self.proxy == '-' else self.proxy

    def sent_by(self):
        """Host and port (None: the default) of the topmost Via."""
        found = self.vias and re.match(
            rb'SIP/\d\.\d/[A-Z]+(\[[^]]*\]|[^:;,]*)(?::(\d+))?', self.vias[0], re.I)
        if not found:
            return '', None
        return found[1].decode().strip('[]'), int(found[2]) if found[2] else None

    def has_rport(self):
        return bool(self.vias) and b';rport' in self.vias[0]

    def source(self, only_4=False):
        """The address to send it from: that of its Via where it can be."""
        host = self.sent_by()[0].removeprefix('::ffff:')
        if ':' in host and not only_4:
            return host
        if re.fullmatch(r'[\d.]+', host):
            return host
        return f'{NAMED_NET}{10 + self.number}'

    def transaction(self):
        """What a server tells transactions apart by (RFC 3261 s17.2.3), roughly."""
        if self.is_response or not self.vias:
            return self.name
        return self.method, self.sent_by(), re.findall(rb';branch=([^;]*)', self.vias[0])


def load():
    rows = []
    with open(os.path.join(TORTURE, 'verdicts.tsv'), encoding='utf-8') as f:
        for line in f:
            if not line.startswith('#'):
                rows.append(line.rstrip('\n').split('\t'))
    return [Message(row, i) for i, row in enumerate(rows)]


def rounds(messages):
    """Messages that share a transaction are repetitions of one to a server: each gets
    another server."""
    found = []
    for m in messages:
        for group in found:
            if all(o.transaction() != m.transaction() for o in group):
                group.append(m)
                break
        else:
            found.append([m])
    return found


# ---- network ----

def add_addresses(messages):
    """The addresses that the messages name are ours, on lo of a network of our own."""
    wanted = {m.source() for m in messages} | {m.source(True) for m in messages}
    wanted |= {PHONE[0], SERVER_4[0], SERVER_6[0], '2001:db8::10:5070', '192.0.2.198'}
    for a in sorted(wanted):
        if not a.startswith('127.'):
            subprocess.run(['ip', 'addr', 'add', a + ('/128' if ':' in a else '/32'), 'dev', 'lo',
                            *(['nodad'] if ':' in a else [])], check=True)


def udp_at(host, port):
    s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, port))
    return s


def family_of(host):
    return socket.AF_INET6 if ':' in host else socket.AF_INET


class Udp:
    """A peer that sends from one port and listens at the port of its Via as well."""

    def __init__(self, host, via_port):
        self.out = udp_at(host, 0)
        self.via = udp_at(host, via_port)
        self.host, self.via_port = host, via_port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.out.close()
        self.via.close()

    def send(self, raw, to):
        self.out.sendto(raw, to)

    def receive(self, limit_s=LIMIT_S):
        """A message and whether it came to the port of the Via; None: nothing came."""
        # A ping goes and comes by `out`: what was sent before its answer is seen before.
        ready = select.select([self.via, self.out], [], [], limit_s)[0]
        if not ready:
            return None
        return ready[0].recv(65536), ready[0] is self.via


class Stream:
    """A TCP connection; messages are cut by Content-Length."""

    def __init__(self, host, to):
        self.s = socket.socket(family_of(host), socket.SOCK_STREAM)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.s.bind((host, 0))
        self.s.connect(to)
        self.host = host
        self.port = self.s.getsockname()[1]
        self.rest = b''
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.s.close()

    def send(self, raw, piece=None):
        """Whole, or in pieces of so many bytes.  A peer that closes early is no error here."""
        try:
            for at in range(0, len(raw), piece or len(raw)):
                self.s.sendall(raw[at:at + (piece or len(raw))])
        except (BrokenPipeError, ConnectionResetError):
            pass

    def end(self):
        try:
            self.s.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _cut(self):
        head, blank, _ = self.rest.partition(b'\r\n\r\n')
        if not blank:
            return None
        length = values(split(head)[1], b'content-length')
        n = len(head) + 4 + int(length[0] if length else 0)
        if len(self.rest) < n:
            return None
        message, self.rest = self.rest[:n], self.rest[n:]
        return message

    def receive(self, limit_s=LIMIT_S):
        """A message, or None: the end of the stream."""
        end = time.monotonic() + limit_s
        while True:
            message = self._cut()
            if message:
                return message
            if self.ended:
                return None
            if not select.select([self.s], [], [], max(0, end - time.monotonic()))[0]:
                raise Failed(f'no message and no end on the connection in {limit_s} s')
            try:
                got = self.s.recv(65536)
            except ConnectionResetError:
                got = b''
            self.ended = not got
            self.rest += got


def status_of(message):
    found = re.match(rb'SIP/2\.0 (\d{3}) ', message)
    check(found, f'not a response: {message[:60]!r}')
    return int(found[1])


def reason_of(message):
    return message.partition(b'\r\n')[0][12:].decode(errors='replace')


def options(server, number, host, port, transport='UDP'):
    """A ping; its answer must be 200."""
    at = f'[{host}]' if ':' in host else host
    to = f'[{server[0]}]' if ':' in server[0] else server[0]
    return (f'OPTIONS sip:{to}:{server[1]} SIP/2.0\r\n'
            f'Via: SIP/2.0/{transport} {at}:{port};branch=z9hG4bK-ping{number};rport\r\n'
            f'From: <sip:ping@example.invalid>;tag=p{number}\r\nTo: <sip:{to}>\r\n'
            f'Call-ID: ping-{number}-{port}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n'
            'Content-Length: 0\r\n\r\n').encode()


def _within(message, response, method, number, branch, uri=None):
    keep = [f for f in message.fields if name_of(f) in (b'from', b'call-id')]
    to = next(f for f in split(response)[1] if name_of(f) == b'to')
    via = next(f for f in message.fields if name_of(f) == b'via')
    if branch:
        host, port = message.sent_by()
        via = b'Via: SIP/2.0/UDP %s:%d' % (message.source(True).encode(), port or 5060)
        if b'tag' in keep[0] + keep[1]:     # else it is a client of RFC 2543
            via += b';branch=z9hG4bK-%s%d' % (branch, message.number)
    return b'\r\n'.join([method + b' ' + (uri or message.start.split(b' ')[1]) + b' SIP/2.0', via,
                         *keep, to, b'CSeq: %d ' % number + method, b'Max-Forwards: 70',
                         b'Content-Length: 0', b'', b''])


def _number(message):
    return int(values(message.fields, b'cseq')[0].split(b' ')[0])


def _contact(response):
    return re.search(rb'<([^>]*)>', values(split(response)[1], b'contact')[0])[1]


def ack_of(message, response, to_contact=False):
    """For a final response (RFC 3261 s17.1.1.3); to_contact: for a 2xx."""
    if to_contact:
        return _within(message, response, b'ACK', _number(message), b'ack', _contact(response))
    return _within(message, response, b'ACK', _number(message), None)


def bye_of(message, response):
    return _within(message, response, b'BYE', _number(message) + 1, b'bye', _contact(response))


# ---- a phone ----

def answer_to(request, line, to_tag=b';tag=phone', more=()):
    _, fields, _ = split(request)
    keep = [f for f in fields if name_of(f) in (b'via', b'from', b'call-id', b'cseq')]
    to = next(f for f in fields if name_of(f) == b'to')
    if not re.search(rb';\s*tag\s*=', to):
        to += to_tag
    return b'\r\n'.join([line, *keep, to, *more, b'Content-Length: 0', b'', b''])


class Phone(threading.Thread):
    """Answers INVITE by 486 and all else by 200, or by what `script` makes of a request."""

    def __init__(self, at=PHONE):
        super().__init__(daemon=True)
        self.s = udp_at(*at)
        self.at = at
        self.script = None
        self.registers = 0
        self._news = threading.Condition()
        self._requests = []
        self.start()

    def run(self):
        while True:
            raw, peer = self.s.recvfrom(65536)
            if raw.startswith(b'SIP/'):
                with self._news:
                    self.response = raw
                    self._news.notify_all()
                continue
            if not raw.startswith(b'ACK '):
                with self._news:
                    self._requests.append(raw)
            for reply in (self.script or self.usual)(raw):
                self.s.sendto(reply, peer)

    @staticmethod
    def usual(request):
        method = request.split(b' ')[0]
        if method == b'ACK':
            return []
        line = b'SIP/2.0 486 Busy Here' if method == b'INVITE' else b'SIP/2.0 200 OK'
        return [answer_to(request, line)]

    def take(self):
        """What came since the last look."""
        with self._news:
            taken, self._requests = self._requests, []
            return taken

    def register(self, server, aor, contact, number):
        """Takes the answer in the phone's thread."""
        self.response = None
        self.registers += 1
        self.s.sendto(
            b'REGISTER sip:%s SIP/2.0\r\n'
            b'Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK-reg%d;rport\r\nFrom: <%s>;tag=%d\r\nTo: <%s>\r\n'
            b'Call-ID: phone-%d\r\nCSeq: %d REGISTER\r\nMax-Forwards: 70\r\nContact: %s\r\n'
            b'Expires: %d\r\nContent-Length: 0\r\n\r\n' %
            (re.match(rb'\[.*\]|[^:;]*', aor.partition(b'@')[2])[0] or b'example.com',
             self.at[0].encode(), self.at[1], self.registers, aor, number, aor, number,
             self.registers, contact, 0 if contact == b'*' else 3600), server)
        with self._news:
            check(self._news.wait_for(lambda: self.response, LIMIT_S),
                  f'no answer to the REGISTER of {aor}')
        check(status_of(self.response) == 200,
              f'the REGISTER of {aor} gave {self.response.splitlines()[0]}')


# ---- what must hold ----

PROXY_MAY_CHANGE = (b'via', b'max-forwards', b'route', b'record-route', b'content-length')


def check_forwarded(m, got, contact):
    """RFC 3261 s16.6: what a proxy doesn't have to change goes on as it came."""
    start, fields, body = split(got)
    words = start.split(b' ')
    check(words == [m.method, contact, b'SIP/2.0'], f'{m.name}: forwarded as {start}')
    want = [f for f in m.fields if name_of(f) not in PROXY_MAY_CHANGE]
    have = [f for f in fields if name_of(f) not in PROXY_MAY_CHANGE]
    # The order of fields of one name counts, that of names doesn't (s7.3.1).
    check(sorted(want, key=name_of) == sorted(have, key=name_of),
          f'{m.name}: other header fields were forwarded: {set(want) ^ set(have)}')
    vias = via_values(fields)[1:]
    check([drop_received(v) for v in vias] == [drop_received(v) for v in m.vias],
          f'{m.name}: the Vias below are {vias}')
    hops = values(m.fields, b'max-forwards')
    check(int(values(fields, b'max-forwards')[0]) == (int(hops[0]) - 1 if hops else 70),
          f'{m.name}: Max-Forwards is {values(fields, b"max-forwards")}')
    length = values(fields, b'content-length')
    check(body == m.body, f'{m.name}: the body was changed')
    check(not length or int(length[0]) == len(body), f'{m.name}: Content-Length is {length}')


def drop_received(via):
    return re.sub(rb';(received=[^;]*|rport(=\d+)?)', b'', via)


def check_response(m, got):
    """RFC 3261 s8.2.6.2, as far as the request has what is to be copied."""
    _, fields, _ = split(got)
    if m.name != 'badinv01':    # its Via is what is wrong
        check([drop_received(v) for v in via_values(fields)] == [drop_received(v) for v in m.vias],
              f'{m.name}: the response has the Vias {via_values(fields)}')
    for name in (b'from', b'call-id', b'cseq'):
        want = values(m.fields, name)
        if len(want) == 1:
            check(values(fields, name) == want,
                  f'{m.name}: {name} of the response is {values(fields, name)}, not {want}')
    to = values(m.fields, b'to')
    if len(to) == 1:
        have = values(fields, b'to')
        check(len(have) == 1 and have[0].startswith(to[0]), f'{m.name}: To is {have}')
    check(values(fields, b'content-length') == [b'0'] or status_of(got) == 200,
          f'{m.name}: Content-Length of the response is {values(fields, b"content-length")}')


def fits(verdicts, outcome):
    """Is a status, "forward" or "drop" among the verdicts?"""
    for v in verdicts.split():
        if v == outcome or (v.endswith('xx') and outcome[0] == v[0] and outcome.isdigit()):
            return True
    return False
