"""Styles of cells: what select-graphic-rendition parameters mean, as small integers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

DEFAULT: Final = 0
"""The style after a reset, in every `Styles`."""

UNKNOWN_PEN: Final = -1
"""Stands for whatever the terminal writes with before anything was said."""

_ON: Final = {code: 1 << at for at, code in enumerate((1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53))}
_OFF: Final = {
    22: _ON[1] | _ON[2],
    23: _ON[3],
    24: _ON[4] | _ON[21],
    25: _ON[5] | _ON[6],
    27: _ON[7],
    28: _ON[8],
    29: _ON[9],
    54: _ON[51] | _ON[52],
    55: _ON[53],
}
_ON_BLANKS: Final = _ON[4] | _ON[7] | _ON[9] | _ON[21] | _ON[51] | _ON[52] | _ON[53]
_FOREGROUNDS: Final = frozenset((*range(30, 38), *range(90, 98)))
_BACKGROUNDS: Final = frozenset((*range(40, 48), *range(100, 108)))
_MOST_CHANGES: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Look:
    """What a style says, colours as the parameters that select them."""

    attributes: int = 0
    foreground: str = ""
    background: str = ""
    link: str = ""

    def on_blank(self) -> "Look":
        """The part that can be seen on a blank."""
        attributes = self.attributes & _ON_BLANKS
        foreground = self.foreground if attributes else ""
        return Look(attributes, foreground, self.background, self.link)

    def codes(self) -> list[str]:
        """The parameters that lead here from a reset."""
        codes = [str(code) for code, bit in _ON.items() if self.attributes & bit]
        return codes + [colour for colour in (self.foreground, self.background) if colour]

    def codes_from(self, before: "Look") -> list[str]:
        """The parameters that lead here without a reset."""
        kept, codes = before.attributes, []
        for code, bits in _OFF.items():
            if kept & bits & ~self.attributes:
                codes.append(str(code))
                kept &= ~bits
        codes += [str(code) for code, bit in _ON.items() if self.attributes & bit & ~kept]
        if self.foreground != before.foreground:
            codes.append(self.foreground or "39")
        if self.background != before.background:
            codes.append(self.background or "49")
        return codes


class Styles:
    """Gives each look a number, and knows the shortest way from one to another."""

    def __init__(self, *, erases_colour: bool = True) -> None:
        self._erases_colour = erases_colour
        self._looks: list[Look] = []
        self._ids: dict[Look, int] = {}
        self._applied: dict[tuple[int, str], int] = {}
        self._changes: dict[tuple[int, int], str] = {}
        self.blank: list[int] = []
        """For each style the one that looks the same on a blank, and says no more."""
        self.erasable: list[bool] = []
        """For each style whether erasing a cell makes such a blank."""
        self.intern(Look())

    def __len__(self) -> int:
        return len(self._looks)

    @property
    def applied(self) -> dict[tuple[int, str], int]:
        """What `apply` found so far, for a loop that cannot afford the call."""
        return self._applied

    def look(self, style: int) -> Look:
        """What a style says."""
        return self._looks[style]

    def intern(self, look: Look) -> int:
        """The number of a look."""
        found = self._ids.get(look)
        if found is not None:
            return found
        style = self._ids[look] = len(self._looks)
        self._looks.append(look)
        blank = look.on_blank()
        plain = not blank.attributes and not blank.link
        self.erasable.append(plain and (self._erases_colour or not blank.background))
        self.blank.append(style)
        self.blank[style] = self.intern(blank)
        return style

    def apply(self, style: int, parameters: str) -> int:
        """The style after `parameters` (what stands between ``CSI`` and ``m``)."""
        key = style, parameters
        found = self._applied.get(key)
        if found is None:
            if len(self._applied) > _MOST_CHANGES:
                self._applied.clear()
            found = self._applied[key] = self.intern(_applied(self._looks[style], parameters))
        return found

    def linked(self, style: int, link: str) -> int:
        """The style with another hyperlink (``id=…;address``, or nothing)."""
        return self.intern(replace(self._looks[style], link=link))

    def change(self, before: int, after: int) -> str:
        """The shortest text that makes a pen of one style one of another."""
        key = before, after
        found = self._changes.get(key)
        if found is None:
            if len(self._changes) > _MOST_CHANGES:
                self._changes.clear()
            found = self._changes[key] = self._change(before, after)
        return found

    def _change(self, before: int, after: int) -> str:
        if before == after:
            return ""
        look = self._looks[after]
        reset = ["0", *look.codes()] if look.codes() else []
        text = f"\x1b[{';'.join(reset)}m"
        past = Look() if before == UNKNOWN_PEN else self._looks[before]
        link = f"\x1b]8;{look.link or ';'}\x1b\\" if past.link != look.link else ""
        if before == UNKNOWN_PEN:
            return link + text
        codes = look.codes_from(past)
        step = f"\x1b[{';'.join(codes)}m" if codes else ""
        return link + min(step, text, key=len)

    def renumber(self, used: Iterable[int]) -> dict[int, int]:
        """Forget every style but those in `used`; answers their new numbers."""
        kept = {style: self._looks[style] for style in used}
        for store in (self._looks, self._ids, self._applied, self._changes):
            store.clear()
        self.blank.clear()
        self.erasable.clear()
        self.intern(Look())
        return {style: self.intern(look) for style, look in kept.items()}


def _applied(look: Look, parameters: str) -> Look:
    codes = [
        int(code) if code.isdigit() else 0 if not code else -1 for code in parameters.split(";")
    ]
    attributes, colours = look.attributes, {3: look.foreground, 4: look.background}
    at = 0
    while at < len(codes):
        code = codes[at]
        at += 1
        if code == 0:
            attributes, colours = 0, {3: "", 4: ""}
        elif code in _ON:
            attributes |= _ON[code]
        elif code in _OFF:
            attributes &= ~_OFF[code]
        elif code in _FOREGROUNDS:
            colours[3] = str(code)
        elif code in _BACKGROUNDS:
            colours[4] = str(code)
        elif code in {39, 49}:
            colours[code // 10] = ""
        elif code in {38, 48, 58}:
            length = {5: 2, 2: 4}.get(codes[at] if at < len(codes) else -1, 0)
            values = codes[at : at + length]
            at += length
            if len(values) == length > 0 and all(0 <= value < 256 for value in values):
                colours[code // 10] = ";".join(map(str, [code, *values]))
    return Look(attributes, colours[3], colours[4], look.link)
