"""Makes tones and judges recordings: frequency, level, gaps, likeness.  Plain Python,
so that no code of Tsuwa's judges Tsuwa."""
import array
import math
import sys
import wave

from harness import check

RATE = 8000
FRAME = 160             # 20 ms


def make_tone(path, hz, seconds, amplitude=0.25):
    pcm = array.array('h', (round(32767 * amplitude * math.sin(2 * math.pi * hz * i / RATE))
                            for i in range(int(seconds * RATE))))
    save(path, pcm)
    return path


def save(path, pcm):
    if sys.byteorder == 'big':
        pcm = array.array('h', pcm)
        pcm.byteswap()
    with wave.open(path, 'wb') as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(RATE)
        w.writeframes(pcm.tobytes())


def load(path):
    with wave.open(path, 'rb') as w:
        check(w.getnchannels() == 1 and w.getsampwidth() == 2 and w.getframerate() == RATE,
              f'{path}: not 16 bit mono at {RATE} Hz')
        pcm = array.array('h', w.readframes(w.getnframes()))
    if sys.byteorder == 'big':
        pcm.byteswap()
    return pcm


def rms(pcm):
    return math.sqrt(sum(s * s for s in pcm) / len(pcm)) if pcm else 0.0


def decibels(a, b):
    return 20 * math.log10(a / b) if a > 0 and b > 0 else -120.0


def power_at(pcm, hz):
    """RMS of the part of pcm that is a sine of hz (Goertzel)."""
    k = 2 * math.cos(2 * math.pi * hz / RATE)
    a = b = 0.0
    for s in pcm:
        a, b = s + k * a - b, a
    power = max(0.0, a * a + b * b - k * a * b)
    return math.sqrt(2 * power) / len(pcm)


def pieces(pcm, seconds):
    n = int(seconds * RATE)
    return [pcm[i:i + n] for i in range(0, len(pcm) - n + 1, n)]


def first_sound(pcm, above=300):
    for i in range(0, len(pcm) - FRAME, FRAME):
        if rms(pcm[i:i + FRAME]) > above:
            return i
    return None


class Verdict:
    """What a recording holds of a tone of hz."""

    def __init__(self, pcm, hz, skip_s=1.0):
        self.seconds = len(pcm) / RATE
        start = first_sound(pcm)
        self.heard = start is not None
        if not self.heard:
            self.level = self.purity = self.gap_ms = self.held_s = 0.0
            return
        # The first second may hold what jitter buffers need to find their depth.
        rest = pcm[start + int(skip_s * RATE):]
        frames = [rest[i:i + FRAME] for i in range(0, len(rest) - FRAME + 1, FRAME)]
        good = [power_at(f, hz) > 0.7 * max(rms(f), 1.0) and rms(f) > 300 for f in frames]
        # The end of a call may cut the sound: silence after the last tone is no gap.
        while good and not good[-1]:
            good.pop()
        body = rest[:len(good) * FRAME]
        self.held_s = len(body) / RATE
        self.level = rms(body)
        self.gap_ms = _longest(good) * 1000 * FRAME / RATE
        self.purity = sum(good) / len(good) if good else 0.0


def _longest(good):
    worst = run = 0
    for g in good:
        run = 0 if g else run + 1
        worst = max(worst, run)
    return worst


def check_tone(path, hz, seconds, amplitude=0.25, what='the recording', pcm=None):
    """At least so many seconds of the tone, without gaps over 60 ms, within 3 dB."""
    v = Verdict(load(path) if pcm is None else pcm, hz)
    wanted = 32767 * amplitude / math.sqrt(2)
    check(v.heard, f'{what}: silence ({v.seconds:.1f} s)')
    check(v.held_s >= seconds, f'{what}: {hz} Hz for {v.held_s:.2f} s only, not {seconds}'
          f' (of {v.seconds:.1f} s recorded)')
    check(v.gap_ms <= 60, f'{what}: a gap of {v.gap_ms:.0f} ms')
    check(v.purity > 0.97, f'{what}: only {100 * v.purity:.0f} % of it is {hz} Hz')
    off = decibels(v.level, wanted)
    check(abs(off) <= 3, f'{what}: {off:+.1f} dB off')


def likeness(a, b, max_delay_s=2.0):
    """The greatest normalised cross-correlation of a with b at a delay of b, and the delay."""
    # A coarse search over every 8th sample of smoothed signals would miss tones: search a
    # loud second first, then measure the whole at the best delays.
    probe_at = max(range(0, max(1, len(a) - RATE // 2), RATE // 10),
                   key=lambda i: rms(a[i:i + RATE // 2]))
    probe = a[probe_at:probe_at + RATE // 2]
    best, best_delay = 0.0, 0
    for delay in range(0, int(max_delay_s * RATE)):
        there = b[probe_at + delay:probe_at + delay + len(probe)]
        if len(there) < len(probe):
            break
        dot = sum(x * y for x, y in zip(probe[::5], there[::5]))
        if dot > best:
            best, best_delay = dot, delay
    scores = []
    for delay in range(max(0, best_delay - 2), best_delay + 3):
        n = min(len(a), len(b) - delay)
        if n <= 0:
            continue
        there = b[delay:delay + n]
        dot = sum(x * y for x, y in zip(a, there))
        scale = math.sqrt(sum(x * x for x in a[:n]) * sum(y * y for y in there))
        scores.append((dot / scale if scale else 0.0, delay))
    return max(scores) if scores else (0.0, 0)
