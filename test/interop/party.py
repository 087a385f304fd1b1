"""A phone by script: it says what a test tells it to, word by word, and hands over what comes,
in the order in which it comes.  Copies of a datagram count once."""
import hashlib
import re
import select
import socket
import time

from harness import LIMIT_S, Failed, check

PORT = 5060
LISTS = ('via', 'route', 'record-route', 'contact')
AT_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^<]*>)')


# ---- messages ----

class Sip:
    def __init__(self, raw, source=None, way=None):
        head, blank, self.body = raw.partition(b'\r\n\r\n')
        check(blank, f'a message without an end of its header: {raw[:200]!r}')
        lines = re.split(r'\r\n(?![ \t])', head.decode())
        self.raw = raw
        self.start = lines[0]
        self.fields = [(name.strip().lower(), ' '.join(value.split()))
                       for name, _, value in (line.partition(':') for line in lines[1:])]
        self.source = source            # host and port that it came from
        self.way = way                  # its connection; None: UDP
        words = self.start.split(' ', 2)
        self.status = int(words[1]) if words[0] == 'SIP/2.0' else None
        self.method = self.one('cseq').split()[1]
        self.uri = None if self.status else words[1]
        check(self.status or words[0] == self.method, f'{self.start} has a CSeq of {self.method}')
        length = self.all('content-length')
        check(not length or int(length[0]) == len(self.body),
              f'{self.start}: Content-Length {length}, {len(self.body)} bytes')

    def all(self, name):
        values = [v for n, v in self.fields if n == name]
        if name in LISTS:
            values = [v.strip() for text in values for v in AT_COMMA.split(text)]
        return values

    def one(self, name):
        values = self.all(name)
        check(len(values) == 1, f'{self.start}: {len(values)} header fields {name}')
        return values[0]

    def tag(self, name):
        found = re.search(r';tag=([^;]*)', self.one(name))
        return found and found[1]

    def number(self):
        return int(self.one('cseq').split()[0])

    def contact(self):
        return uri_in(self.one('contact'))


def uri_in(value):
    return re.search(r'<([^>]*)>', value)[1]


def host_in(uri):
    """Of a URI, or of a Via."""
    return re.search(r'(?:sips?:(?:[^@;]*@)?|SIP/2\.0/\w+ )([^:;>]*)', uri)[1]


def branch_of(via):
    return re.search(r';branch=([^;]*)', via)[1]


def bare(via):
    """Without what the next element notes in it."""
    return re.sub(r';(received=[^;]*|rport(=\d+)?)(?=;|$)', '', via)


def text_of(start, fields, body=b''):
    lines = [start, *(f'{name}: {value}' for name, value in fields),
             f'Content-Length: {len(body)}', '', '']
    return '\r\n'.join(lines).encode() + body


def credentials(answer, field, method, uri, user, password, count=1):
    """For the MD5 challenge of an answer; `count`: how often its nonce has served."""
    found = [v for v in answer.all(field) if re.search(r'algorithm="?MD5\b', v)]
    check(len(found) == 1, f'{answer.start}: {len(found)} MD5 challenges in {field}')
    asked = dict(re.findall(r'(\w+)="([^"]*)"', found[0]))
    check('auth' in asked.get('qop', '').split(','), f'no qop "auth" is offered: {found[0]}')

    def md5(*parts):
        return hashlib.md5(':'.join(parts).encode()).hexdigest()

    nc, cnonce = f'{count:08x}', '0a4f113b'
    proof = md5(md5(user, asked['realm'], password), asked['nonce'], nc, cnonce, 'auth',
                md5(method, uri))
    return (f'Digest username="{user}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", '
            f'uri="{uri}", response="{proof}", algorithm=MD5, qop=auth, nc={nc}, '
            f'cnonce="{cnonce}"' + (f', opaque="{asked["opaque"]}"' if 'opaque' in asked else ''))


# ---- the phone ----

class Party:
    """At port 5060 of an address of its own, by UDP and TCP."""

    def __init__(self, name, host):
        self.name, self.host = name, host
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((host, PORT))
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, PORT))
        self.listener.listen()
        self.connections = {}           # socket: what came and is no message yet
        self.heard = set()
        self.pings = 0

    def send(self, raw, to, transport='UDP'):
        """To an address, by the connection that leads there if there is one.  As it was sent."""
        message = Sip(raw)
        if transport == 'UDP':
            self.udp.sendto(raw, (to, PORT))
        else:
            self._connection(to).sendall(raw)
        return message

    def _connection(self, to):
        for s in self.connections:
            if s.getpeername()[0] == to:
                return s
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.bind((self.host, 0))
        s.connect((to, PORT))
        self.connections[s] = b''
        return s

    def reply(self, request, raw):
        """The way that the request came by (RFC 3261 s18.2.2, without rport)."""
        message = Sip(raw)
        if request.way:
            request.way.sendall(raw)
        else:
            port = re.match(r'SIP/2\.0/UDP [^:;]*:(\d+)', request.all('via')[0])
            self.udp.sendto(raw, (request.source[0], int(port[1]) if port else PORT))
        return message

    def receive(self, limit_s=LIMIT_S, copies=False):
        """The next message; None: nothing came.  copies: also one that came before."""
        end = time.monotonic() + limit_s
        while True:
            for s in self.connections:
                message = self._cut(s)
                if message:
                    return message
            waiting = [self.udp, self.listener, *self.connections]
            ready = select.select(waiting, [], [], max(0, end - time.monotonic()))[0]
            if not ready:
                return None
            for s in ready:
                message = self._read(s, copies)
                if message:
                    return message

    def _read(self, s, copies):
        if s is self.listener:
            self.connections[s.accept()[0]] = b''
        elif s is not self.udp:
            got = s.recv(65536)
            if got:
                self.connections[s] += got
            else:
                del self.connections[s]
        else:
            raw, source = s.recvfrom(65536)
            if copies or raw not in self.heard:
                self.heard.add(raw)
                return Sip(raw, source)
        return None

    def _cut(self, s):
        raw = self.connections[s].lstrip(b'\r\n')
        head, blank, _ = raw.partition(b'\r\n\r\n')
        length = re.search(rb'\r\ncontent-length:\s*(\d+)', head, re.I)
        n = len(head) + 4 + int(length[1] if length else 0)
        if not blank or len(raw) < n:
            return None
        self.connections[s] = raw[n:]
        return Sip(raw[:n], s.getpeername(), s)

    def request(self, method):
        got = self._next(f'a request {method}')
        check(not got.status and got.method == method,
              f'{self.name} got "{got.start}", not a request {method}')
        return got

    def response(self, status, method):
        got = self._next(f'{status} of {method}')
        check(got.status == status and got.method == method,
              f'{self.name} got "{got.start}" of {got.method}, not {status} of {method}: '
              f'{got.fields}')
        return got

    def _next(self, what):
        got = self.receive()
        if not got:
            raise Failed(f'{self.name} waited for {what} in vain')
        return got

    def hears_no_more(self, *servers):
        """What a server sent before it answers a ping has come before the answer."""
        for server in servers:
            self.pings += 1
            self.send(text_of(f'OPTIONS sip:{server} SIP/2.0', [
                ('Via', f'SIP/2.0/UDP {self.host}:{PORT};branch=z9hG4bKping{self.pings}'),
                ('Max-Forwards', '70'), ('From', '<sip:ping@ping.example>;tag=1'),
                ('To', f'<sip:{server}>'), ('Call-ID', f'ping{self.pings}@{self.host}'),
                ('CSeq', '1 OPTIONS')]), server)
            self.response(200, 'OPTIONS')


# ---- one side of a dialog ----

class Side:
    """Keeps what RFC 3261 s12 says a user agent keeps, and writes messages as RFC 3665 does."""

    def __init__(self, party, transport, name, own, other, call_id):
        self.party, self.transport = party, transport
        self.name, self.local, self.remote = name, own, other
        self.call_id = call_id
        self.target = uri_in(other)
        self.routes = []
        self.number = 0
        self.branch = 0
        self.hop = None                 # where requests go; None: by Route, or the target

    @property
    def contact(self):
        more = ';transport=tcp' if self.transport == 'TCP' else ''
        return f'<sip:{self.name}@{self.party.host}{more}>'

    def via(self):
        self.branch += 1
        return (f'SIP/2.0/{self.transport} {self.party.host}:{PORT}'
                f';branch=z9hG4bK74b{self.branch}{self.name}')

    def write(self, method, via, number, more=(), body=b'', routes=None, remote=None):
        routes = self.routes if routes is None else routes
        fields = [('Via', via), ('Max-Forwards', '70'),
                  *([('Route', ', '.join(routes))] if routes else []),
                  ('From', self.local), ('To', remote or self.remote), ('Call-ID', self.call_id),
                  ('CSeq', f'{number} {method}'), *more,
                  *([('Content-Type', 'application/sdp')] if body else [])]
        return text_of(f'{method} {self.target} SIP/2.0', fields, body)

    def to(self):
        return self.hop or host_in(self.routes[0] if self.routes else self.target)

    def send(self, method, more=(), body=b'', number=None):
        """A new request."""
        self.number = number or self.number + 1
        if method == 'INVITE':
            more = (('Contact', self.contact), *more)
        raw = self.write(method, self.via(), self.number, more, body)
        return self.party.send(raw, self.to(), self.transport)

    def within(self, method, sent, answer=None):
        """CANCEL of a request, or the ACK of its answer that is no 2xx: its branch, its Route
        (s9.1, s17.1.1.3)."""
        raw = self.write(method, sent.one('via'), sent.number(), routes=sent.all('route'),
                         remote=(answer or sent).one('to'))
        return self.party.send(raw, self.to(), self.transport)

    def ack(self, sent, body=b''):
        """Of a 2xx: a transaction of its own (s13.2.2.4)."""
        raw = self.write('ACK', self.via(), sent.number(), body=body)
        return self.party.send(raw, self.to(), self.transport)

    def learn(self, message):
        """The peer's tag, its Contact and the route: of an answer as caller, of a request as
        called (s12.1)."""
        self.remote = message.one('to' if message.status else 'from')
        self.refresh(message)
        routes = message.all('record-route')
        self.routes = routes[::-1] if message.status else routes
        self.hop = None

    def refresh(self, message):
        """A new Contact changes the target, and nothing else (s12.2)."""
        self.target = message.contact()

    def answer(self, request, status, reason, tag=None, body=b'', more=()):
        """With tag and Contact where an answer of a phone has them."""
        vias = request.all('via')
        vias[0] += f';received={request.source[0]}'
        to = request.one('to')
        if tag and ';tag=' not in to:
            to += f';tag={tag}'
        dialog = request.method == 'INVITE' and 100 < status < 300
        fields = [*(('Via', v) for v in vias),
                  *(('Record-Route', v) for v in request.all('record-route') if dialog),
                  ('From', request.one('from')), ('To', to), ('Call-ID', request.one('call-id')),
                  ('CSeq', request.one('cseq')),
                  *([('Contact', self.contact)] if dialog else []), *more,
                  *([('Content-Type', 'application/sdp')] if body else [])]
        return self.party.reply(request, text_of(f'SIP/2.0 {status} {reason}', fields, body))


# ---- what must hold ----

HOP_BY_HOP = ('via', 'max-forwards', 'route', 'record-route', 'content-length',
              'proxy-authorization')


def check_forwarded(sent, got, by, uri=None):
    """RFC 3261 s16.6: what the proxies (last one first) left as it was and what they changed."""
    check(got.uri == (uri or sent.uri), f'{sent.start}: it goes on as {got.start}')
    for name in {n for n, _ in sent.fields + got.fields} - set(HOP_BY_HOP):
        check(sent.all(name) == got.all(name),
              f'{sent.start}: {name} was {sent.all(name)} and is {got.all(name)}')
    check(got.body == sent.body, f'{sent.start}: the body was changed')
    hops = int(sent.one('max-forwards')) - len(by)
    check(got.one('max-forwards') == str(hops), f'{got.start}: Max-Forwards is not {hops}')
    vias = got.all('via')
    check([host_in(v) for v in vias[:len(by)]] == list(by), f'{got.start}: its Vias are {vias}')
    check([bare(v) for v in vias[len(by):]] == sent.all('via'), f'{got.start}: Vias {vias}')
    branches = [branch_of(v) for v in vias]
    check(len(set(branches)) == len(vias) and all(b.startswith('z9hG4bK') for b in branches),
          f'{got.start}: branches {branches}')
    check(not got.all('route'), f'{got.start}: a Route is left: {got.all("route")}')


def check_recorded(got, by):
    """Each proxy stays in the path of the call: one value, or the two of RFC 5658."""
    hosts = [host_in(uri_in(v)) for v in got.all('record-route')]
    once = [h for i, h in enumerate(hosts) if i == 0 or hosts[i - 1] != h]
    check(once == list(by), f'{got.start}: recorded were {hosts}, not {by}')
    check(all(re.search(r';lr\b', v) for v in got.all('record-route')),
          f'{got.start}: Record-Route without lr')


def check_relayed(sent, got, hops):
    """s16.7: a response goes back as it came, less the Vias of who brought it."""
    check(got.start == sent.start, f'"{sent.start}" came back as "{got.start}"')
    check([bare(v) for v in got.all('via')] == [bare(v) for v in sent.all('via')[hops:]],
          f'{got.start}: its Vias are {got.all("via")}')
    for name in {n for n, _ in sent.fields + got.fields} - {'via', 'content-length'}:
        check(sent.all(name) == got.all(name),
              f'{got.start}: {name} was {sent.all(name)} and is {got.all(name)}')
    check(got.body == sent.body, f'{got.start}: the body was changed')


def check_answered(sent, got):
    """s8.2.6: what an answer copies; a tag in all but 100."""
    check([bare(v) for v in got.all('via')] == [bare(v) for v in sent.all('via')],
          f'{got.start}: its Vias are {got.all("via")}')
    for name in ('from', 'call-id', 'cseq'):
        check(got.one(name) == sent.one(name), f'{got.start}: {name} is {got.one(name)}')
    check(re.sub(';tag=.*', '', got.one('to')) == re.sub(';tag=.*', '', sent.one('to')),
          f'{got.start}: To is {got.one("to")}')
    check(got.status == 100 or got.tag('to'), f'{got.start}: To has no tag')
    check(not sent.tag('to') or got.tag('to') == sent.tag('to'), f'{got.start}: another To tag')
