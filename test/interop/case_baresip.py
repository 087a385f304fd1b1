"""baresip: real phones with sound, through the server, with each other and with Tsuwa's own."""
import time

from baresip import Baresip
from harness import Server, check
from sound import check_tone, load, make_tone, pieces, power_at

# As init sets it up: baresip 1.0 is known to give up when a challenge offers more than MD5, and is
# offered that alone.
USERS = {'carol': 'secret-of-carol', 'dave': 'secret-of-dave'}
TONE_S = 60
LOW, HIGH = 440, 1000


def _server(lab, **more):
    return Server(lab, users=USERS, **more)


def _phone(lab, server, user, hz, transport='udp', answers=False):
    tone = make_tone(lab.path(f'tone-{hz}.wav'), hz, TONE_S)
    at = server.at(transport)
    phone = Baresip(lab, user, server.domain, tone,
                    f';auth_user={user};auth_pass={server.passwords[user]}'
                    f';outbound="sip:{at};transport={transport}";regint=600'
                    f';answermode={"auto" if answers else "manual"}')
    phone.wait_registered()
    return phone


def _two_phones(lab, transport_a, transport_b):
    server = _server(lab)
    a = _phone(lab, server, 'carol', LOW, transport_a)
    b = _phone(lab, server, 'dave', HIGH, transport_b, answers=True)
    a.call(f'sip:dave@{server.domain}')
    for phone in (a, b):
        phone.wait_heard(4)
    a.hang_up()
    b.wait_event('CALL_CLOSED')
    check_tone(a.heard(), HIGH, 2.5, what='what the caller heard')
    check_tone(b.heard(), LOW, 2.5, what='what the called phone heard')
    a.quit()
    b.quit()
    server.stop()


def test_baresip_both_udp(lab):
    _two_phones(lab, 'udp', 'udp')


def test_baresip_both_tcp(lab):
    _two_phones(lab, 'tcp', 'tcp')


def test_baresip_udp_to_tcp(lab):
    _two_phones(lab, 'udp', 'tcp')


def test_baresip_unregisters(lab):
    server = _server(lab)
    a = _phone(lab, server, 'carol', LOW)
    check(server.is_registered('carol'), 'carol is not registered')
    a.quit()
    check(not server.is_registered('carol'), 'carol is still registered')
    server.stop()


def test_baresip_echo(lab):
    server = _server(lab)
    a = _phone(lab, server, 'carol', LOW)
    a.call(f'sip:echo@{server.domain}')
    a.wait_heard(4)
    a.hang_up()
    check_tone(a.heard(), LOW, 2.5, what='the echo')
    a.quit()
    server.stop()


def _answering(lab, server, transport='udp'):
    out = lab.path('answered.wav')
    tone = make_tone(lab.path('answer-tone.wav'), HIGH, TONE_S)
    phone = lab.command('answer', '--account', server.account('dave', transport),
                        '--play', tone, '--record', out)
    phone.wait_line(' ready ')
    return phone, out


def _baresip_to_answer(lab, transport):
    server = _server(lab)
    answer, out = _answering(lab, server, transport)
    a = _phone(lab, server, 'carol', LOW, transport)
    a.call(f'sip:dave@{server.domain}')
    a.wait_heard(4)
    a.hang_up()
    answer.stop()
    check_tone(a.heard(), HIGH, 2.5, what='what baresip heard')
    check_tone(out, LOW, 2.5, what='what tsuwa answer recorded')
    a.quit()
    server.stop()


def test_baresip_calls_answer_udp(lab):
    _baresip_to_answer(lab, 'udp')


def test_baresip_calls_answer_tcp(lab):
    _baresip_to_answer(lab, 'tcp')


def _call_to_baresip(lab, transport):
    server = _server(lab)
    b = _phone(lab, server, 'dave', HIGH, transport, answers=True)
    tone = make_tone(lab.path('call-tone.wav'), LOW, TONE_S)
    out = lab.path('called.wav')
    call = lab.command('call', f'sip:dave@{server.domain}', '--account',
                       server.account('carol', transport), '--play', tone, '--record', out,
                       '--duration', '5s')
    call.finish()
    b.wait_event('CALL_CLOSED')
    check_tone(b.heard(), LOW, 2.5, what='what baresip heard')
    check_tone(out, HIGH, 2.5, what='what tsuwa call recorded')
    b.quit()
    server.stop()


def test_call_to_baresip_udp(lab):
    _call_to_baresip(lab, 'udp')


def test_call_to_baresip_tcp(lab):
    _call_to_baresip(lab, 'tcp')


def test_baresip_hold(lab):
    """Hold and resume are re-INVITEs: the sound stops, and goes on afterwards."""
    server = _server(lab)
    answer, out = _answering(lab, server)
    a = _phone(lab, server, 'carol', LOW)
    a.call(f'sip:dave@{server.domain}')
    a.wait_heard(2)
    _renegotiate(a, 'hold', 'sendonly')
    answer.wait_line('now recvonly')
    time.sleep(1)           # so long is the silence that is looked for below
    _renegotiate(a, 'resume', 'sendrecv')
    # baresip records nothing more after a hold, but counts: 100 packets of 20 ms.
    a.wait_received(a.received() + 100)
    a.hang_up()
    answer.wait_line('recorded')
    answer.stop()
    level = [power_at(p, LOW) > 1000 for p in pieces(load(out), 0.1)]
    first, held = level.index(True), level.index(False, level.index(True))
    again = level.index(True, held)
    check(held - first >= 15, 'less than 1.5 s of sound before the hold')
    check(again - held >= 8, f'sound while on hold, silence for {(again - held) / 10} s only')
    check(all(level[again + 1:-1]) and len(level) - again >= 15, 'no steady sound after the hold')
    server.stop()


def _renegotiate(phone, word, direction):
    before = len(phone.process.lines)
    check(phone.command(word)['ok'], f'baresip refused to {word}')
    phone.process.wait_line(f'a={direction}', after=before)
    phone.process.wait_line(r'CSeq: \d+ INVITE', after=before)
    phone.process.wait_line(r'SIP/2\.0 200', after=before)
