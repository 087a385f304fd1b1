"""sipsak: pings, registers, sends messages, and shoots nonsense."""
import time

from harness import Failed, Server, check
from sipsak import sipsak

USERS = {'carol': 'secret of carol'}


def _server(lab, settings=''):
    # sipsak cuts the last digit off a port of five; this network has nobody else in it.
    return Server(lab, settings=settings, users=USERS, listen=['udp://127.0.0.1:5060'])


def test_sipsak_options(lab):
    server = _server(lab)
    for user in ('', 'echo@'):
        sipsak(lab, '-v', '-s', f'sip:{user}{server.at()}')
    server.stop()


def test_sipsak_register(lab):
    server = _server(lab)
    port = server.ports['udp', 4]
    common = ['-U', '-s', f'sip:carol@{server.domain}', '-p', f'127.0.0.1:{port}', '-u', 'carol',
              '-x', '600', '-C', 'sip:carol@127.0.0.1:9']
    sipsak(lab, *common, '-a', USERS['carol'])
    check(server.is_registered('carol'), 'carol is not registered')
    try:
        sipsak(lab, *common, '-a', 'wrong')
    except Failed:
        pass
    else:
        raise Failed('a wrong password was taken')
    server.stop()


def test_sipsak_flood(lab):
    """As fast as it can; the server answers afterwards as before."""
    server = _server(lab)
    sipsak(lab, '-F', '-e', '2000', '-s', f'sip:{server.at()}')
    sipsak(lab, '-s', f'sip:{server.at()}')
    server.stop()


def test_sipsak_random(lab):
    """Messages with trashed characters, for two seconds: no crash, and an answer after it."""
    server = _server(lab)
    shooter = lab.start('sipsak -R', ['sipsak', '-R', '-t', '40', '-s', f'sip:{server.at()}'])
    end = time.monotonic() + 2
    while time.monotonic() < end and shooter.child.poll() is None:
        check(server.is_up(), 'the server has ended')
        time.sleep(0.05)
    shooter.stop()
    check(server.is_up(), 'the server has ended')
    sipsak(lab, '-s', f'sip:{server.at()}')
    server.stop()


def test_sipsak_message(lab):
    """A stranger writes to a user.  From a file: its own mode for that (-M) crashes."""
    server = _server(lab)
    phone = lab.command('answer', '--account', server.account('carol'))
    phone.wait_line(' ready ')
    text = 'are you there?'
    message = lab.write('message', f'MESSAGE sip:carol@{server.domain} SIP/2.0\n'
                        'From: <sip:stranger@example.org>;tag=1\n'
                        f'To: <sip:carol@{server.domain}>\nCall-ID: {lab.dir}\n'
                        'CSeq: 1 MESSAGE\nMax-Forwards: 70\nContent-Type: text/plain\n'
                        f'Content-Length: {len(text)}\n\n{text}')
    sipsak(lab, '-f', message, '-s', f'sip:carol@{server.at()}')
    phone.wait_line(text.rstrip('?'))
    phone.stop()
    server.stop()
