"""sipp as a peer: scenarios of its own and of ours, ended when its calls are done."""
import os

from harness import LIMIT_S, check, free_port, is_bound, need, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
TRANSPORTS = {'udp': 'u1', 'tcp': 't1'}


class Sipp:
    def __init__(self, lab, scenario, remote=None, transport='udp', calls=1, rate=None, port=None,
                 host='127.0.0.1', keys=None, expect=200, linger_ms=0, more=()):
        self.port = port or free_port(host=host)
        self.lab = lab
        name = f'sipp {scenario} {self.port}'
        stem = lab.path(f'sipp-{scenario}-{self.port}')
        own = self._scenario(scenario, stem + '.xml', EXPECT=expect, WAIT=linger_ms)
        lab.files += [f'{stem}-errors.log', f'{stem}-messages.log']
        # Ended by the harness at the latest; a sipp of its own accord ends sooner, with a report.
        argv = [need('sipp'), '-i', host, '-p', self.port, '-mi', host, '-t', TRANSPORTS[transport],
                '-nostdin', '-m', calls, '-timeout', f'{LIMIT_S}s', '-timeout_error',
                '-cp', free_port(), '-mp', free_port(),
                '-trace_err', '-error_file', f'{stem}-errors.log',
                '-trace_msg', '-message_file', f'{stem}-messages.log',
                *(['-sf', own] if own else ['-sn', scenario])]
        if rate:
            argv += ['-r', rate]
        for key, value in (keys or {}).items():
            argv += ['-key', key, value]
        argv += list(more)
        if remote:
            argv.append(remote)
        self.messages = f'{stem}-messages.log'
        self.process = lab.start(name, argv, env={'TERM': 'dumb'})
        if not remote:
            wait_until(lambda: is_bound(self.port, transport), f'{name}: its port')

    @staticmethod
    def _scenario(name, path, **values):
        """Ours, with its @VALUES@ put in; None: one of sipp's own."""
        source = os.path.join(HERE, 'scenarios', name + '.xml')
        if not os.path.exists(source):
            return None
        with open(source) as f:
            text = f.read()
        for key, value in values.items():
            text = text.replace(f'@{key}@', str(value))
        with open(path, 'w') as f:
            f.write(text)
        return path

    def finish(self, limit_s=LIMIT_S + 5):
        code = self.process.wait(limit_s)
        check(code == 0, f'{self.process.name} ended with {code}')
        return self

    def said(self):
        if not os.path.exists(self.messages):
            return ''
        with open(self.messages, errors='replace') as f:
            return f.read()


def register(lab, server, user, contact_port, transport='udp', password=None, expect=200):
    """Registers a device that another sipp plays.  Returns when it is done."""
    return Sipp(lab, 'register', server.at(transport), transport, expect=expect,
                keys={'contact_port': contact_port, 'domain': server.domain},
                more=as_user(server, user, password)).finish()


def as_user(server, user, password=None):
    return ['-s', user, '-au', user, '-ap', password or server.passwords.get(user, 'none')]


def callee(lab, server, user, scenario='callee', transport='udp', calls=1, **more):
    """A registered device that waits for calls."""
    device = Sipp(lab, scenario, transport=transport, calls=calls, **more)
    register(lab, server, user, device.port, transport)
    return device


def caller(lab, server, user, called, scenario='caller', transport='udp', calls=1, more=(), **kw):
    """Calls a user of the server's, or a name of it such as echo."""
    return Sipp(lab, scenario, server.at(transport), transport, calls=calls,
                keys={'caller': user, 'domain': server.domain},
                more=['-s', called, '-au', user,
                      '-ap', server.passwords.get(user, 'none'), *more], **kw)
