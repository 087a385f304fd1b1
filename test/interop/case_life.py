"""The life of a server: crash, reload, end, a port that is taken."""
import signal
import socket

from baresip import Baresip
from harness import Server, check, wait_until
from sipp import Sipp, caller, register
from sound import make_tone

MD5 = 'auth: { algorithms: [MD5] }\n'       # sipp and baresip know no other
USERS = {'carol': 'secret-of-carol', 'dave': 'secret-of-dave'}


def _crash(server):
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()


def test_crash_udp_phone(lab):
    """What was answered survives kill -9: the phone is called without registering again."""
    server = Server(lab, users=USERS, settings=MD5)
    device = Sipp(lab, 'callee')
    register(lab, server, 'dave', device.port)
    _crash(server)
    server.restart()
    check(server.is_registered('dave'), 'the registration is lost')
    caller(lab, server, 'carol', 'dave').finish()
    device.finish()
    server.stop()


def _register(server, i):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 0))
    s.settimeout(10)
    port = s.getsockname()[1]
    s.sendto((f'REGISTER sip:{server.domain} SIP/2.0\r\n'
              f'Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{i}x{port};rport\r\n'
              f'From: <sip:u{i}@{server.domain}>;tag={i}\r\nTo: <sip:u{i}@{server.domain}>\r\n'
              f'Call-ID: {i}-{port}@127.0.0.1\r\nCSeq: 1 REGISTER\r\n'
              f'Contact: <sip:u{i}@127.0.0.1:{port}>\r\nMax-Forwards: 70\r\nExpires: 600\r\n'
              'Content-Length: 0\r\n\r\n').encode(), ('127.0.0.1', server.ports['udp', 4]))
    reply = s.recv(4096)
    s.close()
    check(reply.startswith(b'SIP/2.0 200'), f'REGISTER: {reply[:40]}')


def test_crash_many(lab):
    """Killed right after its last answer: none of many registrations is lost."""
    server = Server(lab, users=USERS, settings='auth: { register: false }\n')
    for i in range(40):
        _register(server, i)
    _crash(server)
    server.restart()
    for i in range(40):
        check(server.is_registered(f'u{i}'), f'u{i} was answered and is lost')
    server.stop()


def test_crash_tcp_phone(lab):
    """Its connection died with the server: it can't be reached, says 480 or tries the Contact,
    and is reached again once it has registered."""
    server = Server(lab, users=USERS, settings=MD5)
    tone = make_tone(lab.path('tone.wav'), 440, 30)
    phone = Baresip(lab, 'dave', server.domain, tone,
                    f';auth_user=dave;auth_pass={USERS["dave"]};answermode=auto;regint=600'
                    f';outbound="sip:{server.at("tcp")};transport=tcp"')
    phone.wait_registered()
    _crash(server)
    server.restart()
    check(server.is_registered('dave'), 'the registration is lost')
    call = lab.command('call', f'sip:dave@{server.domain}', '--account', server.account('carol'),
                       '--duration', '1s')
    check(call.wait() in (0, 1), 'the call neither went through nor was refused')
    check(call.child.returncode == 0 or '480' in call.text(), 'the call failed, but not with 480')
    phone.register_again()
    lab.command('call', f'sip:dave@{server.domain}', '--account', server.account('carol'),
                '--duration', '1s').finish()
    phone.quit()
    server.stop()


def test_reload_keeps_calls(lab):
    server = Server(lab, users=USERS, settings=MD5)
    call = caller(lab, server, 'carol', 'echo', more=['-d', '2000'])
    server_line = len(server.process.lines)
    wait_until(lambda: 'ACK sip:' in call.said(), 'the call stands')
    server.fix_ports()
    server.configure(MD5 + 'log: { level: debug }\n')
    server.process.send_signal(signal.SIGHUP)
    server.process.wait_line('(?i)reload|configuration', after=server_line)
    call.finish()       # its BYE is answered
    check(server.is_up(), 'the server has ended')
    caller(lab, server, 'carol', 'echo', more=['-d', '100']).finish()
    server.stop()


def test_reload_bad_configuration(lab):
    """An error in the new file is told with its place; the old one stays in force."""
    server = Server(lab, users=USERS, settings=MD5)
    before = len(server.process.lines)
    server.configure('no_such_key: 1\n')
    server.process.send_signal(signal.SIGHUP)
    server.process.wait_line('no_such_key', after=before)
    caller(lab, server, 'carol', 'echo', more=['-d', '100']).finish()
    server.stop()


def test_end_says_goodbye(lab):
    """SIGTERM: a call that the server answers gets a BYE, and the exit code is 0."""
    server = Server(lab, users=USERS)
    call = lab.command('call', f'sip:echo@{server.domain}', '--account', server.account('carol'),
                       '--duration', '30s')
    call.wait_line('media flowing')
    server.stop()
    call.finish()
    check('ended by' in call.text() and 'us' not in call.text().split('ended by')[1].split()[0],
          'the call ended without a BYE of the server')


def test_end_after_call(lab):
    """A call that was answered through the proxy keeps nobody from ending."""
    server = Server(lab, users=USERS, settings='shutdown_timeout: 20s\n')
    phone = lab.command('answer', '--account', server.account('dave'), '--calls', '1')
    phone.wait_line(' ready ')
    lab.command('call', f'sip:dave@{server.domain}', '--account', server.account('carol'),
                '--duration', '100ms').finish()
    phone.finish()
    check(server.process.stop(limit_s=10) == 0, 'the server did not end in order')


def test_busy_port(lab):
    """Who starts a second server learns which process holds the port."""
    server = Server(lab, users=USERS)
    server.fix_ports()
    second = lab.command('serve', '-c', server.config, name='second server')
    check(second.wait() in (1, 2), 'the second server did not refuse to start')
    check(str(server.process.pid) in second.text(), 'it does not name the holder of the port')
    check(server.is_up(), 'the first server has ended')
    server.stop()
