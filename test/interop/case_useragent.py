"""The commands of the user agent against the server, as a user types them."""
import json

import sound
from harness import Server, check, wait_until

USERS = {'carol': 'secret of carol', 'dave': 'secret of dave'}


def test_first_call(lab):
    """What README.md says to type, word by word."""
    lab.run('tsuwa init', [lab.tsuwa, 'init'])
    server = lab.command('serve')
    server.wait_line('^ready')
    lab.command('call', 'sip:echo@localhost', '--account', 'alice.account', '--play', 'hello.wav',
                '--record', 'echo.wav').finish()
    played, heard = sound.load(lab.path('hello.wav')), sound.load(lab.path('echo.wav'))
    score, delay = sound.likeness(played, heard)
    check(score > 0.9, f'echo.wav is like hello.wav by {score:.2f} only (at {delay / 8:.0f} ms)')
    check(server.stop() == 0, 'the server did not end in order')


def test_register_sha256(lab):
    server = Server(lab, users=USERS, settings='log: { level: bytes }\n')
    phone = lab.command('register', '--account', server.account('carol'))
    phone.wait_line('(?i)registered')
    check(server.is_registered('carol'), 'carol is not registered')
    server.process.wait_line('Authorization:.*algorithm="?SHA-256')
    phone.stop()
    server.stop()


def test_register_wrong_password(lab):
    server = Server(lab, users=USERS)
    account = server.account('carol', password='wrong', name='wrong.account')
    lab.command('register', '--account', account).finish(expect=1)
    check(not server.is_registered('carol'), 'carol is registered')
    server.stop()


def test_call_not_found(lab):
    server = Server(lab, users=USERS)
    call = lab.command('call', 'sip:nobody@localhost', '--account', server.account('carol'))
    call.finish(expect=1)
    check('404' in call.text(), 'the user is not told why the call failed')
    server.stop()


def test_answer_and_call(lab):
    """Both ends are Tsuwa's, by way of the server; a tone each way."""
    server = Server(lab, users=USERS)
    low = sound.make_tone(lab.path('low.wav'), 440, 30)
    high = sound.make_tone(lab.path('high.wav'), 1000, 30)
    answer = lab.command('answer', '--account', server.account('dave'), '--play', high,
                         '--record', lab.path('answered.wav'))
    answer.wait_line(' ready ')
    lab.command('call', 'sip:dave@localhost', '--account', server.account('carol', 'tcp'),
                '--play', low, '--record', lab.path('called.wav'), '--duration', '4s').finish()
    answer.stop()
    sound.check_tone(lab.path('called.wav'), 1000, 2.5, what='what the caller heard')
    sound.check_tone(lab.path('answered.wav'), 440, 2.5, what='what the called one heard')
    server.stop()


def test_options(lab):
    server = Server(lab, users=USERS)
    for transport in ('udp', 'tcp'):
        lab.command('options', f'sip:{server.at(transport)};transport={transport}').finish()
    server.stop()


def test_status_json(lab):
    server = Server(lab, users=USERS)
    status = lab.command('status', '-c', server.config, '--json').finish()
    json.loads('\n'.join(status.out))
    server.stop()


def test_message(lab):
    server = Server(lab, users=USERS)
    answer = lab.command('answer', '--account', server.account('dave', 'tcp'))
    answer.wait_line(' ready ')
    lab.command('message', 'sip:dave@localhost', 'lunch?', '--account',
                server.account('carol')).finish()
    answer.wait_line('lunch\\?')
    answer.stop()
    server.stop()


def test_answer_after_crash_tcp(lab):
    """Tsuwa's own phone on TCP notices that the server went away, and registers again."""
    server = Server(lab, users=USERS)
    answer = lab.command('answer', '--account', server.account('dave', 'tcp'))
    answer.wait_line(' ready ')
    server.process.kill()
    server.restart()
    wait_until(lambda: _calls(lab, server, 'dave'), 'dave is reached again', 60)
    answer.stop()
    server.stop()


def _calls(lab, server, user):
    return lab.command('call', f'sip:{user}@localhost', '--account', server.account('carol'),
                       '--duration', '500ms').wait() == 0
