"""sipsak as a peer."""
from harness import LIMIT_S, need


def sipsak(lab, *words, expect=0, limit_s=LIMIT_S):
    return lab.run('sipsak', [need('sipsak'), *words], expect=expect, limit_s=limit_s)
