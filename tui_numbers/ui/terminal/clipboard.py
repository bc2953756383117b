"""The clipboard of the terminal at the user's end, by OSC 52."""

import base64
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 74_994
"""Bytes of text that fit the 100,000 that terminals accept in one such sequence."""

_SCREEN_CHUNK: Final = 256


def osc52(text: str, environ: Mapping[str, str]) -> str | None:
    """The sequence that copies `text`, or nothing where it is longer than terminals accept.

    Inside tmux it is sent twice, wrapped and bare, since either can be the one that its
    configuration lets through.
    """
    content = text.encode("utf-8", "replace")
    if len(content) > LONGEST:
        return None
    sequence = f"\x1b]52;c;{base64.b64encode(content).decode('ascii')}\a"
    if environ.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\{sequence}"
    if environ.get("STY"):
        chunks = (
            sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK)
        )
        return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
    return sequence
