"""The only door for text of others to a terminal that no screen of ours stands before."""

import re
import unicodedata
from collections.abc import Iterator

from tui_numbers.domain.text import clean

_MOST_MARKS = 3
"""Combining marks kept on one character; more would bleed into the lines above and below."""
_BEARER = "◌"
"""What a combining mark stands on that has no character of its own."""
_STRAY = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\\[[0-9;]*m)")
"""Controls that no output of ours holds: what is left are lines, tabs and colours."""


def shown(text: str) -> str:
    """Return ``text`` on one line, as a terminal can bear it."""
    text = clean(text)
    return text if text.isascii() else "".join(_borne(text))


def without_controls(output: str) -> str:
    """Return output that is ready to be written, every stray control character marked."""
    return _STRAY.sub("\ufffd", output)


def _borne(text: str) -> Iterator[str]:
    """Yield characters without those selectors and marks that terminals disagree about."""
    marks: int | None = None
    for character in text:
        if _cells(character):
            marks = 0
            yield character
        elif not _is_selector(character):
            if marks is None:
                yield _BEARER
            marks = (marks or 0) + 1
            if marks <= _MOST_MARKS:
                yield character


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def cell_width(text: str) -> int:
    """Return how many cells of a terminal ``text`` takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if character.isascii():
        return 1
    # The vowels and finals of Hangul join the syllable that they follow.
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, cells: int) -> str:
    """Return ``text`` in exactly ``cells`` cells, cut with an ellipsis or padded."""
    taken = cell_width(text)
    if taken <= cells:
        return text + " " * (cells - taken)
    cut: list[str] = []
    used = 0
    for character in text:
        width = _cells(character)
        if used + width > cells - 1:
            break
        cut.append(character)
        used += width
    return "".join(cut) + "…" + " " * (cells - 1 - used)
