"""The judges of sound and of messages turn red: without this, a silent pass would go
unnoticed."""
import array

import party
import sound
from harness import Failed, check

GOOD = 440


def test_judges_of_sound(lab):
    tone = sound.load(sound.make_tone(lab.path('tone.wav'), GOOD, 4))
    second = sound.RATE
    silence = array.array('h', [0] * second)
    gap_at = int(2.5 * second)
    _accepts(tone)
    _accepts(silence + tone + silence)                              # before and after the call
    _accepts(tone[:gap_at] + silence[:320] + tone[gap_at + 320:])   # 40 ms
    _refuses(tone[:gap_at] + silence[:800] + tone[gap_at + 800:], 'gap')
    _refuses(silence * 4, 'silence')
    _refuses(tone[:2 * second], 'for 1.00 s only')
    _refuses(array.array('h', (s // 2 for s in tone)), 'dB')
    _refuses(sound.load(sound.make_tone(lab.path('other.wav'), 1000, 4)), 'only')
    other = array.array('h', reversed(tone[1000:9000]))
    near, delay = sound.likeness(tone[:second], silence[:1234] + tone)
    check(near > 0.99, f'a copy is like itself by {near:.2f} only, at {delay}')
    chirp = array.array('h', (int(9000 * ((i * i // 900) % 2 - 0.5)) for i in range(second)))
    far, _ = sound.likeness(chirp, other)
    check(far < 0.5, f'a tone is like a chirp by {far:.2f}')


def _accepts(pcm):
    sound.check_tone('', GOOD, 2, pcm=pcm)


def _refuses(pcm, why):
    try:
        _accepts(pcm)
    except Failed as e:
        check(why in str(e), f'refused for another reason than "{why}": {e}')
        return
    raise Failed(f'accepted what has a fault: {why}')


SENT = ("""INVITE sip:bob@b.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1
Max-Forwards: 70
From: <sip:alice@a.example>;tag=1
To: <sip:bob@b.example>
Call-ID: 1
CSeq: 1 INVITE
Contact: <sip:alice@127.0.0.1>
Content-Length: 4

body""")
HOP = 'Via: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bK2\n'
WENT_ON = (SENT.replace('Via: ', HOP + 'Via: ').replace('Forwards: 70', 'Forwards: 69')
           .replace('Contact', 'Record-Route: <sip:127.0.0.9;lr>\nContact'))
SAID = (SENT.replace('INVITE sip:bob@b.example SIP/2.0', 'SIP/2.0 200 OK')
        .replace('Via: ', HOP + 'Via: ').replace('To: <sip:bob@b.example>',
                                                 'To: <sip:bob@b.example>;tag=2'))
CAME_BACK = SAID.replace(HOP, '')


def _sip(text):
    return party.Sip(text.replace('\n', '\r\n').encode())


def _turns_red(judge, good, *faults):
    judge(_sip(good))
    for old, new in faults:
        check(old in good, f'nothing to break: {old}')
        try:
            judge(_sip(good.replace(old, new, 1)))
        except Failed:
            continue
        raise Failed(f'accepted "{new}" for "{old}"')


def test_judges_of_messages(lab):
    common = [('tag=1', 'tag=9'), ('Call-ID: 1', 'Call-ID: 9'), ('CSeq: 1', 'CSeq: 2'),
              ('body', 'Body'), ('alice@127', 'bob@127'), (HOP, HOP + HOP),
              ('branch=z9hG4bK1', 'branch=z9hG4bK3')]
    _turns_red(lambda m: party.check_forwarded(_sip(SENT), m, ['127.0.0.9']), WENT_ON, *common,
               (HOP, ''), ('Forwards: 69', 'Forwards: 70'), ('bK2', 'bK1'), ('9hG4bK2', '2'),
               ('sip:bob@b.example SIP', 'sip:bob@c.example SIP'),
               ('From', 'Route: <sip:127.0.0.9;lr>\nFrom'))
    _turns_red(lambda m: party.check_recorded(m, ['127.0.0.9']), WENT_ON, (';lr>', '>'),
               ('<sip:127.0.0.9;', '<sip:127.0.0.8;'))
    _turns_red(lambda m: party.check_relayed(_sip(SAID), m, 1), CAME_BACK, *common[:5],
               common[6], ('200 OK', '200 Fine'), ('tag=2', 'tag=3'), ('Via', HOP + 'Via'))
    _turns_red(lambda m: party.check_answered(_sip(SENT), m), CAME_BACK, *common[:3],
               common[6], (';tag=2', ''), ('<sip:bob@', '<sip:carol@'))
