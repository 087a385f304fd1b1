"""sipp on one side or both: its own scenarios and ours."""
from harness import LISTEN, LISTEN_6, Server, check, free_port
from sipp import Sipp, callee, caller, register

USERS = {'carol': 'secret of carol', 'dave': 'secret of dave'}
# sipp knows MD5 only, and gives up when another algorithm is offered before it.
MD5 = 'auth: { algorithms: [MD5] }\n'
# Its own caller can't answer a challenge.
OPEN = 'auth: { algorithms: [MD5], invite: false }\n'


def _server(lab, settings=MD5, **more):
    return Server(lab, settings=settings, users=USERS, **more)


# ---- sipp calls Tsuwa ----

def _to_answer(lab, transport):
    phone = lab.command('answer', '--listen', '127.0.0.1:0', '--transport', transport)
    at = phone.wait_line(fr'ready .*{transport}://(127\.0\.0\.1:\d+)').group(1)
    Sipp(lab, 'uac', at, transport, more=['-d', '500']).finish()
    phone.stop()


def test_sipp_answer_udp(lab):
    _to_answer(lab, 'udp')


def test_sipp_answer_tcp(lab):
    _to_answer(lab, 'tcp')


def _to_echo(lab, transport, calls=3):
    server = _server(lab, OPEN)
    Sipp(lab, 'uac', server.at(transport), transport, calls=calls,
         more=['-s', 'echo', '-d', '300']).finish()
    server.stop()


def test_sipp_echo_udp(lab):
    _to_echo(lab, 'udp')


def test_sipp_echo_tcp(lab):
    _to_echo(lab, 'tcp')


def test_sipp_echo_digest(lab):
    server = _server(lab)
    caller(lab, server, 'carol', 'echo', more=['-d', '300']).finish()
    server.stop()


def test_sipp_echo_ipv6(lab):
    server = _server(lab, OPEN, listen=LISTEN + LISTEN_6)
    for transport in ('udp', 'tcp'):
        Sipp(lab, 'uac', server.at(transport, 6), transport, host='::1',
             more=['-s', 'echo', '-d', '300']).finish()
    server.stop()


# ---- registration ----

def _registers(lab, transport):
    server = _server(lab)
    port = free_port()
    register(lab, server, 'carol', port, transport)
    check(server.is_registered('carol'), 'carol is not registered')
    check(not server.is_registered('dave'), 'dave is registered')
    server.stop()


def test_sipp_register_udp(lab):
    _registers(lab, 'udp')


def test_sipp_register_tcp(lab):
    _registers(lab, 'tcp')


def test_sipp_wrong_password(lab):
    server = _server(lab)
    refused = [register(lab, server, user, free_port(), password='wrong', expect=401)
               for user in ('carol', 'nobody')]
    check(not server.is_registered('carol'), 'carol is registered')
    # Who asks must not learn which of the two exists.
    first, second = (_shape(r.said()) for r in refused)
    check(first == second, f'known and unknown users differ:\n{first}\n{second}')
    server.stop()


def _shape(said):
    """Status lines and header names of what was received."""
    shape, inside = [], False
    for line in said.splitlines():
        if line.startswith('SIP/2.0 '):
            inside = True
            shape.append(line)
        elif inside and ':' in line:
            shape.append(line.split(':')[0])
        elif inside and not line.strip():
            inside = False
    return shape


# ---- through the proxy ----

def test_sipp_proxy_own_scenarios(lab):
    server = _server(lab, OPEN)
    device = Sipp(lab, 'uas')
    register(lab, server, 'dave', device.port)
    Sipp(lab, 'uac', server.at(), more=['-s', 'dave', '-d', '300']).finish()
    device.finish()
    server.stop()


def _through_proxy(lab, caller_transport, callee_transport):
    server = _server(lab)
    device = callee(lab, server, 'dave', transport=callee_transport)
    call = caller(lab, server, 'carol', 'dave', transport=caller_transport, more=['-d', '300'])
    call.finish()
    device.finish()
    check('Record-Route:' in call.said(), 'the proxy left the path of the call')
    server.stop()


def test_sipp_proxy_udp(lab):
    _through_proxy(lab, 'udp', 'udp')


def test_sipp_proxy_tcp(lab):
    _through_proxy(lab, 'tcp', 'tcp')


def test_sipp_proxy_udp_to_tcp(lab):
    _through_proxy(lab, 'udp', 'tcp')


def test_sipp_proxy_tcp_to_udp(lab):
    _through_proxy(lab, 'tcp', 'udp')


def test_sipp_proxy_100_calls(lab):
    server = _server(lab)
    device = callee(lab, server, 'dave', calls=100)
    caller(lab, server, 'carol', 'dave', calls=100, rate=20, more=['-d', '200']).finish()
    device.finish()
    server.stop()


def test_sipp_cancel(lab):
    server = _server(lab)
    device = callee(lab, server, 'dave', 'callee_cancel')
    caller(lab, server, 'carol', 'dave', 'caller_cancel').finish()
    device.finish()
    server.stop()


def test_sipp_busy(lab):
    server = _server(lab)
    device = callee(lab, server, 'dave', 'callee_refuse', expect=486)
    caller(lab, server, 'carol', 'dave', 'caller_refused', expect=486).finish()
    device.finish()
    server.stop()


def test_sipp_not_found(lab):
    server = _server(lab)
    caller(lab, server, 'carol', 'nobody', 'caller_refused', expect=404).finish()
    caller(lab, server, 'carol', 'dave', 'caller_refused', expect=480).finish()
    server.stop()


def test_sipp_call_wrong_password(lab):
    server = _server(lab)
    server.passwords['carol'] = 'wrong'
    caller(lab, server, 'carol', 'echo', 'caller_refused', expect=407).finish()
    server.stop()


# ---- Tsuwa calls sipp ----

def _from_tsuwa(lab, transport):
    server = _server(lab)
    device = callee(lab, server, 'dave', transport=transport)
    lab.command('call', f'sip:dave@{server.domain}', '--account',
                server.account('carol', transport), '--duration', '1s').finish()
    device.finish()
    server.stop()


def test_sipp_called_udp(lab):
    _from_tsuwa(lab, 'udp')


def test_sipp_called_tcp(lab):
    _from_tsuwa(lab, 'tcp')


def test_sipp_refuses_call(lab):
    server = _server(lab)
    device = callee(lab, server, 'dave', 'callee_refuse', expect=486)
    call = lab.command('call', f'sip:dave@{server.domain}', '--account', server.account('carol'))
    call.finish(expect=1)
    check('486' in call.text(), 'the user is not told why the call failed')
    device.finish()
    server.stop()
