"""Text from outside, made harmless: no control character survives the boundary."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols that Unicode calls printable although they draw nothing."""

_NAMED = {"\x7f": "␡", "\x85": "␤", "\u2028": "␤", "\u2029": "␤"}
_LONGEST = 4000


def _visible(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))
    if character in _BLANK_LETTERS or not character.isprintable():
        return " " if character.isspace() else "\ufffd"
    return character


def clean(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` on one line with every unprintable character replaced by a visible mark.

    Control, bidirectional, zero-width and private characters become pictures or U+FFFD, unusual
    spaces become a space, and what is longer than ``longest`` characters is cut with an ellipsis.
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable() and (text.isascii() or _BLANK_LETTERS.isdisjoint(text)):
        return text
    return "".join(map(_visible, text))
