"""The call flows of RFC 3665, a test for each section.  192.0.2 is 127.0.0 here; what the RFC
does by TLS in section 2 is done by TCP.  Section 3.5 is about an element that Tsuwa is not."""
import re

from harness import Server, check
from party import (Party, Side, check_answered, check_forwarded, check_recorded, check_relayed,
                   credentials)

ATLANTA, BILOXI, CHICAGO = 'atlanta.example.com', 'biloxi.example.com', 'chicago.example.com'
ALICE = f'Alice <sip:alice@{ATLANTA}>'
BOB = f'Bob <sip:bob@{BILOXI}>'
ALICE_AT, BOB_AT, CHICAGO_AT = '127.0.0.101', '127.0.0.201', '127.0.0.100'
SS1, SS2, SS3 = '127.0.0.111', '127.0.0.222', '127.0.0.233'
DEAD = f'sip:bob@{BOB_AT}:5070;transport=tcp'     # nobody listens there
PASSWORDS = {'alice': 'secret of alice', 'bob': 'secret of bob'}


def _sdp(name, address, port, version=2890844526):
    return (f'v=0\r\no={name} 2890844526 {version} IN IP4 {address}\r\ns=-\r\n'
            f'c=IN IP4 {address}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n'
            'a=rtpmap:0 PCMU/8000\r\n').encode()


OFFER = _sdp('alice', ALICE_AT, 49172)
ANSWER = _sdp('bob', BOB_AT, 3456)


def _server(lab, name, host, domain, users, settings='', **about):
    """Alice and Bob are users that `tsuwa init` makes."""
    server = Server(lab, [f'udp://{host}:5060', f'tcp://{host}:5060'], settings, start=False,
                    domain=domain, name=name, about=about)
    for user in users:
        server.set_password(user, PASSWORDS[user])
    server.start()
    return server


def _route(domain, host, transport='UDP'):
    return ('routes:\n'
            f'  - {{ match: "sip:*@{domain}", to: "sip:{host};transport={transport.lower()}" }}\n')


def _side(party, own, other, transport='UDP', tag='9fxced76sl', call='2xTb9vxSit55XU7p8'):
    name = re.search(r'sip:(\w+)@', own)[1]
    return Side(party, transport, name, f'{own};tag={tag}' if tag else own, other,
                f'{call}@{party.host}')


# ---- 2. registration ----

class Registration:
    """Bob and the server of his domain."""

    def __init__(self, host, domain, party, transport='TCP', password=PASSWORDS['bob']):
        own = f'Bob <sip:bob@{domain}>'
        self.side = _side(party, own, own, transport, 'a73kszlfl', f'1j9FpLxk3uxtm8tn-{domain}')
        self.side.target, self.side.hop = f'sip:{domain}', host
        self.password = password
        self.asked, self.count = None, 0

    def register(self, *fields):
        """With credentials where the server has asked for some."""
        more = list(fields)
        if self.asked:
            self.count += 1
            more.append(('Authorization', credentials(
                self.asked, 'www-authenticate', 'REGISTER', self.side.target, 'bob',
                self.password, self.count)))
        return self.side.send('REGISTER', more)

    def refused(self, *fields):
        sent = self.register(*fields)
        got = self.side.party.response(401, 'REGISTER')
        check_answered(sent, got)
        check(not got.all('contact'), 'a challenge tells contacts')
        return got

    def accepted(self, *fields):
        sent = self.register(*fields)
        got = self.side.party.response(200, 'REGISTER')
        check_answered(sent, got)
        return got

    def enter(self, *fields):
        self.asked = self.refused(*fields)
        return self.accepted(*fields)


def _contacts(got):
    """URI and seconds of each."""
    found = {}
    for value in got.all('contact'):
        uri, seconds = re.fullmatch(r'<([^>]*)>.*;expires=(\d+).*', value).groups()
        found[uri] = int(seconds)
    return found


def _bob_registers(lab):
    server = _server(lab, 'ss2', SS2, BILOXI, ['bob'])
    return server, Registration(SS2, BILOXI, Party('Bob', BOB_AT))


def _contact(bob):
    return 'Contact', bob.side.contact


def test_rfc3665_2_1_new_registration(lab):
    server, bob = _bob_registers(lab)
    first = bob.refused(_contact(bob))
    for value in first.all('www-authenticate'):
        check(f'realm="{BILOXI}"' in value and 'stale=true' not in value.lower(),
              f'the challenge is {value}')
    check(not server.is_registered('bob'), 'bob is registered without credentials')
    bob.asked = first
    bob.side.local = bob.side.local.replace('a73kszlfl', 'ja743ks76zlflH')
    got = bob.accepted(_contact(bob))
    check(_contacts(got) == {f'sip:bob@{BOB_AT};transport=tcp': 3600},
          f'bob is at {_contacts(got)}')
    check(got.tag('to') != first.tag('to'), 'two answers have one tag')
    check(server.is_registered('bob'), 'bob is not registered')
    server.stop()


def test_rfc3665_2_2_update_of_contact_list(lab):
    """He is known already, and so not asked again."""
    server, bob = _bob_registers(lab)
    bob.enter(_contact(bob))
    got = bob.accepted(('Contact', f'mailto:bob@{BILOXI}'))
    check(set(_contacts(got)) == {f'sip:bob@{BOB_AT};transport=tcp', f'mailto:bob@{BILOXI}'},
          f'bob is at {_contacts(got)}')
    server.stop()


def test_rfc3665_2_3_current_contacts(lab):
    server, bob = _bob_registers(lab)
    second = f'sip:bob@{CHICAGO_AT};transport=tcp'
    bob.enter(_contact(bob), ('Contact', f'<{second}>;expires=600'))
    before = server.registrations()
    got = _contacts(bob.accepted())
    check(set(got) == {f'sip:bob@{BOB_AT};transport=tcp', second}, f'bob is at {got}')
    check(590 <= got[second] <= 600, f'{second} has {got[second]} s left')
    check(len(server.registrations()) == len(before), 'to ask changes what is registered')
    server.stop()


def test_rfc3665_2_4_cancellation(lab):
    server, bob = _bob_registers(lab)
    bob.enter(_contact(bob), ('Contact', f'<sip:bob@{CHICAGO_AT};transport=tcp>'))
    check(server.is_registered('bob'), 'bob is not registered')
    got = bob.accepted(('Expires', '0'), ('Contact', '*'))
    check(not got.all('contact'), f'bob is still at {got.all("contact")}')
    check(not bob.accepted().all('contact'), 'the contacts come back')
    check(not server.is_registered('bob'), 'bob is still registered')
    server.stop()


def test_rfc3665_2_5_unsuccessful_registration(lab):
    server, bob = _bob_registers(lab)
    bob.password = 'not the one'
    bob.asked = bob.refused(_contact(bob))
    bob.side.local = bob.side.local.replace('a73kszlfl', 'JueHGuidj28dfga')
    again = bob.refused(_contact(bob))
    check(again.all('www-authenticate') != bob.asked.all('www-authenticate'), 'an old nonce')
    check(not any('stale=true' in v.lower() for v in again.all('www-authenticate')),
          'a wrong password counts as an old nonce')
    check(not server.is_registered('bob'), 'bob is registered')
    server.stop()


# ---- 3. sessions ----

class Call:
    """Alice calls Bob; her first request goes to `hop`, through the servers `path`."""

    def __init__(self, transport='UDP', hop=None, path=(SS1, SS2), **more):
        self.path = tuple(path)
        self.a, self.b = Party('Alice', ALICE_AT), Party('Bob', BOB_AT)
        self.alice = _side(self.a, ALICE, BOB, transport, **more)
        self.bob = _side(self.b, BOB, ALICE, transport, tag=None)
        self.alice.hop = hop or self.path[0]
        self.alice.routes = [f'<sip:{self.alice.hop};lr>']
        self.at_bob = f'sip:bob@{BOB_AT}' + (';transport=tcp' if transport == 'TCP' else '')
        self.challenges = {}            # and how often each was answered

    def _proofs(self):
        for got in self.challenges:
            self.challenges[got] += 1
            yield 'Proxy-Authorization', credentials(
                got, 'proxy-authenticate', 'INVITE', self.alice.target, 'alice',
                PASSWORDS['alice'], self.challenges[got])

    def invite(self, body=OFFER):
        self.sent = self.alice.send('INVITE', self._proofs(), body)
        return self.sent

    def challenged(self, realm, trying=False):
        """INVITE, 407, ACK."""
        sent = self.invite()
        if trying:
            self.trying(sent)
        got = self.a.response(407, 'INVITE')
        check_answered(sent, got)
        check(all(f'realm="{realm}"' in v for v in got.all('proxy-authenticate')),
              f'challenged by {got.all("proxy-authenticate")}')
        check(not got.all('record-route'), 'a challenge records a route')
        self.alice.within('ACK', sent, got)
        self.challenges[got] = 0

    def reach_bob(self, body=OFFER):
        """INVITE to 100 at Alice and INVITE at Bob."""
        sent = self.invite(body)
        self.trying(sent)
        return self.at(sent)

    def trying(self, sent):
        check_answered(sent, self.a.response(100, 'INVITE'))

    def at(self, sent):
        self.taken = self.b.request('INVITE')
        by = self.path[::-1]
        check_forwarded(sent, self.taken, by, self.at_bob)
        check_recorded(self.taken, by)
        check(not self.taken.all('proxy-authorization'), 'Bob sees credentials')
        return self.taken

    def bob_says(self, status, reason, body=b''):
        """And Alice hears it."""
        said = self.bob.answer(self.taken, status, reason, '314159', body)
        heard = self.a.response(status, 'INVITE')
        check_relayed(said, heard, len(self.path))
        check_answered(self.sent, heard)
        return heard

    def refused(self, status, reason):
        """Each hop has an ACK of its own."""
        heard = self.bob_says(status, reason)
        self.hop_ack(heard)
        return heard

    def hop_ack(self, heard):
        ack = self.b.request('ACK')
        top = self.taken.all('via')[0]
        check(ack.all('via') == [top], f'the ACK has the Vias {ack.all("via")}')
        check(ack.uri == self.taken.uri, f'{ack.start} for {self.taken.start}')
        check(ack.number() == self.taken.number() and ack.tag('to') == '314159' and
              ack.one('from') == self.taken.one('from'), 'the ACK is of another call')
        check(not ack.body, 'the ACK has a body')
        self.alice.within('ACK', self.sent, heard)

    def stand(self, body=ANSWER, ack_body=b''):
        """200 and ACK."""
        heard = self.bob_says(200, 'OK', body)
        self.alice.learn(heard)
        self.bob.learn(self.taken)
        self.bob.local, self.bob.call_id = heard.one('to'), heard.one('call-id')
        self.pass_on('ACK', self.alice.ack(self.sent, ack_body), self.b, self.path[::-1])

    def pass_on(self, method, sent, to, by):
        got = to.request(method)
        check_forwarded(sent, got, by)
        check(not got.all('record-route') or method == 'INVITE', f'{method} records a route')
        return got

    def end(self):
        """Bob hangs up: by the route, and with a CSeq of his own."""
        self.bob.number = 0
        sent = self.bob.send('BYE')
        got = self.pass_on('BYE', sent, self.a, self.path)
        said = self.alice.answer(got, 200, 'OK')
        heard = self.b.response(200, 'BYE')
        check_relayed(said, heard, len(self.path))
        check_answered(sent, heard)
        self.quiet()

    def quiet(self):
        self.a.hears_no_more(*self.path)
        self.b.hears_no_more(*self.path)


class Two:
    """Alice's and Bob's servers, and Bob where he has registered."""

    def __init__(self, lab, transport='UDP', **about):
        self.ss1 = _server(lab, 'ss1', SS1, ATLANTA, ['alice'], _route(BILOXI, SS2, transport))
        self.ss2 = _server(lab, 'ss2', SS2, BILOXI, ['alice', 'bob'] if about else ['bob'],
                           **about)
        self.call = Call(transport)
        self.bob = Registration(SS2, BILOXI, self.call.b, transport)
        self.bob.enter(_contact(self.bob))

    def stop(self):
        self.call.quiet()
        for server in (self.ss1, self.ss2):
            server.stop()


def test_rfc3665_3_1_session(lab):
    """Alice calls `tsuwa answer`, which rings, answers and hangs up."""
    bob = lab.command('answer', '--listen', f'{BOB_AT}:5060', '--transport', 'tcp', '--ring',
                      '50ms', '--duration', '300ms', '--calls', '1')
    bob.wait_line('ready')
    alice = _side(Party('Alice', ALICE_AT), ALICE, BOB, 'TCP')
    alice.hop = BOB_AT
    sent = alice.send('INVITE', body=OFFER)
    ringing = alice.party.response(180, 'INVITE')
    answer = alice.party.response(200, 'INVITE')
    for got in (ringing, answer):
        check_answered(sent, got)
        check(f'@{BOB_AT}:5060' in got.contact(), f'Contact is {got.contact()}')
    check(answer.tag('to') == ringing.tag('to'), 'the tag has changed')
    check(answer.one('content-type') == 'application/sdp' and
          f'c=IN IP4 {BOB_AT}'.encode() in answer.body and
          re.search(rb'm=audio \d+ RTP/AVP 0\r\n', answer.body), f'the answer is {answer.body}')
    alice.learn(answer)
    alice.hop = BOB_AT
    alice.ack(sent)
    _bye_from_peer(alice, answer.one('to'))
    bob.finish()


def _bye_from_peer(side, peer):
    bye = side.party.request('BYE')
    check(bye.uri == uri_of(side), f'{bye.start} for {side.contact}')
    check(bye.one('from') == peer and bye.tag('to') == re.search(';tag=(.*)', side.local)[1] and
          bye.one('call-id') == side.call_id, f'the BYE is of another dialog: {bye.fields}')
    side.answer(bye, 200, 'OK')


def uri_of(side):
    return side.contact.strip('<>')


def test_rfc3665_3_1_session_of_tsuwa_call(lab):
    """The other side: `tsuwa call` is Alice."""
    bob = _side(Party('Bob', BOB_AT), BOB, ALICE, tag=None)
    alice = lab.command('call', f'sip:bob@{BOB_AT}', '--listen', f'{ALICE_AT}:5060')
    invite = bob.party.request('INVITE')
    check(invite.uri == f'sip:bob@{BOB_AT}' and not invite.tag('to'), f'{invite.start}')
    check(invite.one('max-forwards') == '70' and b'm=audio' in invite.body, f'{invite.fields}')
    bob.answer(invite, 180, 'Ringing', '8321234356')
    bob.answer(invite, 200, 'OK', '8321234356', ANSWER)
    ack = bob.party.request('ACK')
    check(ack.uri == uri_of(bob) and ack.number() == invite.number() and
          ack.tag('to') == '8321234356' and ack.one('from') == invite.one('from'), f'{ack.fields}')
    check(ack.all('via') != invite.all('via'), 'the ACK of a 2xx has the branch of the INVITE')
    bob.call_id, bob.local = invite.one('call-id'), ack.one('to')
    bob.learn(invite)
    check_answered(bob.send('BYE'), bob.party.response(200, 'BYE'))
    alice.finish()


def test_rfc3665_3_2_two_proxies(lab):
    two = Two(lab, 'TCP')
    call = two.call
    call.challenged(ATLANTA)
    call.reach_bob()
    call.bob_says(180, 'Ringing')
    call.stand()
    call.end()
    two.stop()


def test_rfc3665_3_3_multiple_proxy_authentication(lab):
    """Bob's server knows Alice too: credentials for each, in one request."""
    two = Two(lab, aliases=[ATLANTA])
    call = two.call
    call.challenged(ATLANTA)
    call.challenged(BILOXI, trying=True)
    call.reach_bob()
    call.stand()
    call.end()
    two.stop()


def test_rfc3665_3_4_proxy_failure(lab):
    """The first server doesn't answer; the second knows Alice as well."""
    dead = Party('Proxy 1', SS1)
    ss2 = _server(lab, 'ss2', SS2, BILOXI, ['alice', 'bob'], aliases=[ATLANTA])
    call = Call(path=[SS2])
    bob = Registration(SS2, BILOXI, call.b, 'UDP')
    bob.enter(_contact(bob))
    call.alice.hop = SS1
    call.alice.routes = [f'<sip:{SS1};lr>']
    lost = call.invite()
    for _ in range(7):
        call.a.send(lost.raw, SS1)
        check(dead.receive(copies=True).raw == lost.raw, 'a copy has changed')
    call.alice.hop, call.alice.routes, call.alice.number = SS2, [], 0
    call.alice.call_id = f'4Fde34wkd11wsGFDs3@{ALICE_AT}'
    call.challenged(BILOXI)
    call.reach_bob()
    call.bob_says(180, 'Ringing')
    call.stand()
    call.end()
    ss2.stop()


def test_rfc3665_3_4_next_hop_fails(lab):
    """Where it is our own next hop: nobody is there, or says 503 (RFC 3261 s16.7 step 6)."""
    ss1 = _server(lab, 'ss1', SS1, ATLANTA, ['alice'], _route(BILOXI, SS2, 'TCP'))
    call = Call(path=[SS1])
    call.challenged(ATLANTA)
    _fails(call, call.invite())
    proxy = _side(Party('Proxy 2', SS2), BOB, ALICE, 'TCP')
    call.challenges, call.alice.call_id = {}, f'second@{ALICE_AT}'
    call.challenged(ATLANTA)
    sent = call.invite()
    call.taken = proxy.party.request('INVITE')
    proxy.answer(call.taken, 503, 'Service Unavailable', 'x', more=[('Retry-After', '120')])
    ack = proxy.party.request('ACK')
    check(ack.all('via') == call.taken.all('via')[:1], 'the ACK is of another transaction')
    _fails(call, sent)
    call.a.hears_no_more(SS1)
    ss1.stop()


def _fails(call, sent):
    call.trying(sent)
    got = call.a.response(500, 'INVITE')
    check_answered(sent, got)
    check(not got.all('retry-after'), 'the server says of itself what is true of another')
    call.alice.within('ACK', sent, got)


def test_rfc3665_3_4_next_contact(lab):
    """Bob has two telephones, and the one he likes better is dead."""
    ss2 = _server(lab, 'ss2', SS2, BILOXI, ['bob'])
    call = Call(path=[SS2])
    bob = Registration(SS2, BILOXI, call.b, 'UDP')
    bob.enter(('Contact', f'<{DEAD}>;q=1.0'),
              ('Contact', f'<sip:bob@{BOB_AT}>;q=0.5'))
    call.reach_bob()
    call.stand()
    call.end()
    ss2.stop()


def test_rfc3665_3_6_redirect_sdp_in_ack(lab):
    ss2 = _server(lab, 'ss2', SS2, BILOXI, ['bob'], mode='redirect')
    ss3 = _server(lab, 'ss3', SS3, CHICAGO, ['bob'])
    call = Call(path=[SS3])
    moved = f'sip:bob@{CHICAGO};transport=tcp'
    bob = Registration(SS2, BILOXI, call.b)
    bob.enter(('Contact', f'<{moved}>'))
    bob = Registration(SS3, CHICAGO, call.b)
    bob.enter(_contact(bob))
    call.alice.hop, call.alice.routes = SS2, []
    sent = call.invite(b'')
    got = call.a.response(302, 'INVITE')
    check_answered(sent, got)
    check(got.contact() == moved, f'redirected to {got.contact()}')
    call.alice.within('ACK', sent, got)
    for side in (call.alice, call.bob):
        side.transport = 'TCP'
    call.alice.hop, call.alice.target = SS3, got.contact()
    call.at_bob += ';transport=tcp'
    call.reach_bob(b'')
    call.bob_says(180, 'Ringing')
    call.stand(ack_body=OFFER)
    call.end()
    call.a.hears_no_more(SS2)
    ss2.stop()
    ss3.stop()


def test_rfc3665_3_7_reinvite(lab):
    """Bob's address changes.  Unlike the proxy of the RFC ours stays in the path."""
    ss2 = _server(lab, 'ss2', SS2, BILOXI, ['bob'])
    call = Call(path=[SS2])
    bob = Registration(SS2, BILOXI, call.b, 'UDP')
    bob.enter(_contact(bob))
    call.reach_bob()
    call.bob_says(180, 'Ringing')
    call.stand()
    old, call.b = call.b, Party('Bob in Chicago', CHICAGO_AT)
    call.bob.party = call.b
    offer = _sdp('bob', CHICAGO_AT, 47172, 2890844528)
    sent = call.bob.send('INVITE', body=offer, number=14)
    check_answered(sent, call.b.response(100, 'INVITE'))
    got = call.pass_on('INVITE', sent, call.a, [SS2])
    call.alice.refresh(got)
    said = call.alice.answer(got, 200, 'OK', body=_sdp('alice', ALICE_AT, 1000, 2890844527))
    heard = call.b.response(200, 'INVITE')
    check_relayed(said, heard, 1)
    call.bob.refresh(heard)
    call.pass_on('ACK', call.bob.ack(sent), call.a, [SS2])
    bye = call.alice.send('BYE')
    check(bye.uri == f'sip:bob@{CHICAGO_AT}' and bye.number() == 2, f'{bye.start}')
    got = call.pass_on('BYE', bye, call.b, [SS2])
    said = call.bob.answer(got, 200, 'OK')
    check_relayed(said, call.a.response(200, 'BYE'), 1)
    call.quiet()
    old.hears_no_more(SS2)
    ss2.stop()


def _cancelled(call):
    """Alice gives up; each hop answers the CANCEL for itself."""
    cancel = call.alice.within('CANCEL', call.sent)
    got = call.a.response(200, 'CANCEL')
    check_answered(cancel, got)


def _cancel_comes(call):
    """To Bob, who says 487."""
    cancel = call.b.request('CANCEL')
    check(cancel.all('via') == call.taken.all('via')[:1] and cancel.uri == call.taken.uri and
          cancel.number() == call.taken.number() and
          cancel.one('to') == call.taken.one('to') and
          cancel.one('from') == call.taken.one('from'), f'{cancel.start} of another INVITE')
    call.bob.answer(cancel, 200, 'OK', '314159')
    call.refused(487, 'Request Terminated')


def test_rfc3665_3_8_no_answer(lab):
    two = Two(lab)
    two.call.challenged(ATLANTA)
    two.call.reach_bob()
    two.call.bob_says(180, 'Ringing')
    _cancelled(two.call)
    _cancel_comes(two.call)
    two.stop()


def test_rfc3665_3_9_busy(lab):
    two = Two(lab, 'TCP')
    two.call.challenged(ATLANTA)
    two.call.reach_bob()
    two.call.refused(486, 'Busy Here')
    two.stop()


def test_rfc3665_3_10_no_response(lab):
    """Bob is silent: the INVITE comes again, unchanged.  Alice doesn't wait for 32 s; her CANCEL
    can't go on before something has come from Bob (RFC 3261 s9.1), and goes on then."""
    two = Two(lab)
    call = two.call
    call.challenged(ATLANTA)
    first = call.reach_bob()
    for _ in range(2):
        again = call.b.receive(copies=True)
        check(again.raw == first.raw, f'not the same again: {again.raw}')
    _cancelled(call)
    call.bob.answer(first, 100, 'Trying')
    _cancel_comes(call)
    two.stop()


def test_rfc3665_3_10_no_connection(lab):
    """Where it is known at once that Bob can't be reached, 480 comes at once."""
    two = Two(lab)
    call = two.call
    two.bob.accepted(('Expires', '0'), ('Contact', '*'))
    two.bob.accepted(('Contact', f'<{DEAD}>'))
    call.challenged(ATLANTA)
    sent = call.invite()
    call.trying(sent)
    got = call.a.response(480, 'INVITE')
    check_answered(sent, got)
    call.alice.within('ACK', sent, got)
    two.stop()


def test_rfc3665_3_11_temporarily_unavailable(lab):
    two = Two(lab)
    two.call.challenged(ATLANTA)
    two.call.reach_bob()
    two.call.bob_says(180, 'Ringing')
    two.call.refused(480, 'Temporarily Unavailable')
    two.stop()
