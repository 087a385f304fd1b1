"""baresip as a peer: a phone without devices, that plays a file, records what it hears and
is led over its control port."""
import glob
import json
import os
import socket
import time

from harness import LIMIT_S, Failed, Skipped, check, free_port, need, wait_until

MODULE_DIRS = ('/usr/lib/baresip/modules', '/usr/local/lib/baresip/modules')
MODULES = ('g711', 'aufile', 'aubridge', 'sndfile', 'ctrl_tcp', 'account', 'menu')

CONFIG = """poll_method epoll
sip_listen 127.0.0.1:{sip_port}
call_local_timeout 120
call_max_calls 4
audio_player aubridge,{name}
audio_source aufile,{play}
audio_alert aubridge,{name}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_txmode poll
audio_level no
rtp_tos 184
rtcp_mux no
jitter_buffer_delay 2-10
rtp_stats no
rtp_ports {rtp}-{rtp_end}
net_interface 127.0.0.1
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module ctrl_tcp.so
module_app account.so
module_app menu.so
ringback_disabled yes
statmode_default off
ctrl_tcp_listen 127.0.0.1:{control_port}
snd_path {dir}
"""


def find_modules():
    need('baresip')
    for path in MODULE_DIRS:
        if all(os.path.exists(f'{path}/{m}.so') for m in MODULES):
            return path
    raise Skipped('baresip lacks one of its modules ' + ' '.join(MODULES))


class Baresip:
    """account: what follows the address in an accounts line, such as ";answermode=auto"."""

    def __init__(self, lab, user, domain, play, account=''):
        self.lab = lab
        self.aor = f'sip:{user}@{domain}'
        self.account = f'<{self.aor}>{account};audio_codecs=PCMU/8000/1'
        self.dir = lab.path(f'baresip-{user}')
        self.control_port = free_port()
        self.sip_port = free_port()
        rtp = free_port()
        os.mkdir(self.dir)
        files = {
            'config': CONFIG.format(name=f'nowhere-{user}', play=play, dir=self.dir,
                                    modules=find_modules(), sip_port=self.sip_port,
                                    control_port=self.control_port, rtp=rtp, rtp_end=rtp + 40),
            'accounts': self.account + '\n',
            'contacts': '',
        }
        for name, text in files.items():
            with open(os.path.join(self.dir, name), 'w') as f:
                f.write(text)
        self.process = lab.start(f'baresip {user}', ['stdbuf', '-oL', need('baresip'), '-4', '-v',
                                                     '-s', '-f', self.dir])
        self.events = []
        self._rest = b''
        self._replies = {}
        self._tokens = 0
        self.socket = wait_until(self._connect, f'baresip {user}: its control port')
        self.process.wait_line('baresip is ready')

    def _connect(self):
        try:
            return socket.create_connection(('127.0.0.1', self.control_port), 1)
        except OSError:
            check(self.process.child.poll() is None, f'{self.process.name} ended')
            return None

    def _read(self, limit_s):
        """Takes in what the control port says within the limit."""
        self.socket.settimeout(max(0.001, limit_s))
        try:
            got = self.socket.recv(65536)
        except TimeoutError:
            return
        if not got:
            raise Failed(f'{self.process.name} closed its control port')
        self._rest += got
        while b':' in self._rest:
            size, rest = self._rest.split(b':', 1)
            if len(rest) <= int(size):
                break
            message = json.loads(rest[:int(size)])
            self._rest = rest[int(size) + 1:]
            if message.get('event'):
                self.events.append(message)
            else:
                self._replies[message.get('token')] = message

    def command(self, word, params='', limit_s=LIMIT_S):
        self._tokens += 1
        token = str(self._tokens)
        text = json.dumps({'command': word, 'params': params, 'token': token}).encode()
        self.socket.sendall(b'%d:%s,' % (len(text), text))
        end = time.monotonic() + limit_s
        while token not in self._replies:
            check(time.monotonic() < end, f'{self.process.name}: no answer to {word}')
            self._read(end - time.monotonic())
        return self._replies.pop(token)

    def wait_event(self, kind, limit_s=LIMIT_S, after=0):
        """The first event of the kind from number `after` on; fails at once at its opposite."""
        opposite = {'CALL_ESTABLISHED': 'CALL_CLOSED', 'REGISTER_OK': 'REGISTER_FAIL'}.get(kind)
        end = time.monotonic() + limit_s
        at = after
        while True:
            for event in self.events[at:]:
                at += 1
                if event['type'] == kind:
                    return event
                if event['type'] == opposite:
                    raise Failed(f'{self.process.name}: {opposite}: {event.get("param")}')
            if time.monotonic() > end:
                raise Failed(f'{self.process.name}: no {kind} within {limit_s} s')
            self._read(min(1, end - time.monotonic()))

    def wait_registered(self):
        """baresip tells registrations by events, also before we were connected: ask."""
        def ask():
            self._read(0.02)
            if any(e['type'] == 'REGISTER_FAIL' for e in self.events):
                raise Failed(f'{self.process.name}: its registration was refused')
            return any(e['type'] == 'REGISTER_OK' for e in self.events) or \
                self.process.has_line('200 OK.*binding')
        wait_until(ask, f'{self.process.name} registered')

    def register_again(self):
        """As after a restart of the phone; it has no command for less."""
        self.command('uadel', self.aor)
        before = len(self.events)
        self.command('uanew', self.account)
        self.wait_event('REGISTER_OK', after=before)

    def call(self, uri):
        """Returns when the call stands."""
        before = len(self.events)
        self.command('dial', uri)
        self.wait_event('CALL_ESTABLISHED', after=before)

    def hang_up(self):
        before = len(self.events)
        self.command('hangup')
        self.wait_event('CALL_CLOSED', after=before)

    def heard(self):
        """The file of what it heard in its last call."""
        files = sorted(glob.glob(os.path.join(self.dir, 'dump-*-dec.wav')))
        check(files, f'{self.process.name} heard nothing')
        return files[-1]

    def wait_heard(self, seconds):
        """Until the recording has so much sound: 16 bits at 8 kHz, flushed as it grows."""
        def grown():
            self._read(0.02)
            files = glob.glob(os.path.join(self.dir, 'dump-*-dec.wav'))
            return any(os.path.getsize(f) >= seconds * 16000 for f in files)
        wait_until(grown, f'{self.process.name}: {seconds} s of sound', LIMIT_S + seconds)

    def received(self):
        """RTP packets that the peer has sent it, by the latest report."""
        return max((e['rtcp_stats']['rx']['sent'] for e in self.events if 'rtcp_stats' in e),
                   default=0)

    def wait_received(self, packets):
        def enough():
            self._read(0.02)
            return self.received() >= packets
        wait_until(enough, f'{self.process.name}: {packets} packets')

    def quit(self):
        """In order: it unregisters, and its recordings are complete."""
        text = json.dumps({'command': 'quit', 'params': '', 'token': 'q'}).encode()
        self.socket.sendall(b'%d:%s,' % (len(text), text))
        self.process.wait()
        self.socket.close()
