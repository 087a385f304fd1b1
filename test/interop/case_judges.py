"""The judges of sound turn red: without this, a silent pass would go unnoticed."""
import array

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
