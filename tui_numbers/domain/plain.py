"""What stands for a character that an encoding lacks: one of ASCII, as wide as it was."""

from __future__ import annotations

import codecs
import unicodedata

# Loading typing takes as long as starting Python does, and the first frame waits for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

HANDLER: Final = "tui-numbers-plain"
"""How ``errors=`` of a stream, or of ``str.encode``, names this."""

_DRAWN: Final = str.maketrans(
    "—–―‐·•…→←↑↓▸▾▼▲›‹▌▎▊▍▐▕▏█▀▄▔▁─━═│┃║“”„‘’✓✔✗×\u00a0",
    '----.*.><^v>vv^><>||||||##=-_---|||"""\'\'++xx ',
)
_BOX: Final = range(0x2500, 0x2580)
_BLOCKS: Final = range(0x2580, 0x25A0)


def plain(character: str) -> str:
    """Return ASCII that reads like ``character`` and takes as many cells."""
    drawn = character.translate(_DRAWN)
    if drawn.isascii():
        return drawn
    if ord(character) in _BOX:
        return "+"
    if ord(character) in _BLOCKS:
        return "#"
    if unicodedata.combining(character):
        return ""
    base = unicodedata.normalize("NFKD", character)[0]
    if base.isascii() and base.isprintable():
        return base
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


codecs.register_error(HANDLER, _replaced)
