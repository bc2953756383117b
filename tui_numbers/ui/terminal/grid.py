"""Model a screen as a grid of styled cells, and the SGR sequences that lead between styles."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeVar

from rich.cells import cell_len

DEFAULT: Final = 0
"""The style after a reset, in every `Styles`."""
UNKNOWN_PEN: Final = -1
"""The pen of a terminal of which nothing is known."""
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
T = TypeVar("T")
UNKNOWN: Final = "\x00"
"""The text of a cell of which nothing is known; no frame can put it there."""
CONTINUED: Final = ""
"""The text of the right half of a wide character."""
_UNSAFE: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_MARK: Final = "�"
_JOINERS: Final = "\u200d\ufe0f"
_FLAG_LETTERS: Final = ("\U0001f1e6", "\U0001f1ff")
"""First and last of the letters that make a flag in pairs; some terminals give each two cells."""


class Grid:
    """Rows of cell texts and rows of cell styles, kept apart so that rows compare quickly."""

    __slots__ = ("height", "style", "text", "width")

    def __init__(self, width: int, height: int, text: str = " ", style: int = DEFAULT) -> None:
        self.width = width
        self.height = height
        self.text: list[list[str]] = []
        self.style: list[list[int]] = []
        self.fill(text, style)

    def fill(self, text: str, style: int) -> None:
        """Make every cell the same."""
        self.text = [[text] * self.width for _ in range(self.height)]
        self.style = [[style] * self.width for _ in range(self.height)]

    def put(self, x: int, y: int, cells: Sequence[str], style: int) -> int:
        """Write cells into a row, cut at its end; return the column behind them."""
        end = x + len(cells)
        texts = self.text[y]
        if end > self.width:
            end = self.width
            cells = list(cells[: end - x])
            if cell_len(cells[-1]) > 1:
                cells[-1] = " "
        if texts[x] == CONTINUED:
            texts[x - 1] = " "
        if end < self.width and texts[end] == CONTINUED:
            texts[end] = " "
        texts[x:end] = cells
        self.style[y][x:end] = [style] * (end - x)
        return end

    def join(self, x: int, y: int, marks: str) -> None:
        """Add characters of no width to the one before column ``x``."""
        texts = self.text[y]
        base = x - 2 if x > 1 and texts[x - 1] == CONTINUED else x - 1
        if base >= 0:
            texts[base] += marks

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Scroll rows ``top`` to ``bottom`` up by ``lines`` (down if negative), as terminals do.

        What the uncovered rows hold depends on the terminal, so they become unknown.
        """
        region = slice(top, bottom + 1)
        self.text[region] = _scrolled(self.text[region], lines, [UNKNOWN] * self.width)
        self.style[region] = _scrolled(self.style[region], lines, [DEFAULT] * self.width)

    def copy_row(self, y: int, other: "Grid") -> None:
        """Take a row from a grid of the same size."""
        self.text[y][:] = other.text[y]
        self.style[y][:] = other.style[y]


class Styles:
    """Number each rendition, and find the shortest sequence from one to another."""

    def __init__(self, *, erases_colour: bool = True) -> None:
        self._erases_colour = erases_colour
        self._renditions: list[Rendition] = []
        self._ids: dict[Rendition, int] = {}
        self._applied: dict[tuple[int, str], int] = {}
        self._changes: dict[tuple[int, int], str] = {}
        self.blank: list[int] = []
        """For each style the plainest one that looks the same on a blank."""
        self.erasable: list[bool] = []
        """For each style whether erasing a cell makes such a blank."""
        self.intern(Rendition())

    def __len__(self) -> int:
        return len(self._renditions)

    @property
    def applied(self) -> dict[tuple[int, str], int]:
        """The cache of ``apply``, for a loop that cannot afford the call."""
        return self._applied

    def rendition(self, style: int) -> "Rendition":
        """Return the rendition of a style."""
        return self._renditions[style]

    def intern(self, rendition: "Rendition") -> int:
        """Return the number of a rendition, a new one where it was not seen before."""
        found = self._ids.get(rendition)
        if found is not None:
            return found
        style = self._ids[rendition] = len(self._renditions)
        self._renditions.append(rendition)
        blank = rendition.on_blank()
        plain = not blank.attributes and not blank.link
        self.erasable.append(plain and (self._erases_colour or not blank.background))
        self.blank.append(style)
        self.blank[style] = self.intern(blank)
        return style

    def apply(self, style: int, parameters: str) -> int:
        """Return the style after SGR ``parameters`` (what stands between ``CSI`` and ``m``)."""
        key = style, parameters
        found = self._applied.get(key)
        if found is None:
            if len(self._applied) > _MOST_CHANGES:
                self._applied.clear()
            found = self._applied[key] = self.intern(_applied(self._renditions[style], parameters))
        return found

    def linked(self, style: int, link: str) -> int:
        """Return the style with another hyperlink (``id=…;address``, or empty)."""
        return self.intern(replace(self._renditions[style], link=link))

    def change(self, before: int, after: int) -> str:
        """Return the shortest sequence that changes the pen from one style to another."""
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
        rendition = self._renditions[after]
        reset = ["0", *rendition.codes()] if rendition.codes() else []
        text = f"\x1b[{';'.join(reset)}m"
        past = Rendition() if before == UNKNOWN_PEN else self._renditions[before]
        link = f"\x1b]8;{rendition.link or ';'}\x1b\\" if past.link != rendition.link else ""
        if before == UNKNOWN_PEN:
            return link + text
        codes = rendition.codes_from(past)
        step = f"\x1b[{';'.join(codes)}m" if codes else ""
        return link + min(step, text, key=len)

    def renumber(self, used: Iterable[int]) -> dict[int, int]:
        """Forget every style but those in ``used``; return their new numbers."""
        kept = {style: self._renditions[style] for style in used}
        for store in (self._renditions, self._ids, self._applied, self._changes):
            store.clear()
        self.blank.clear()
        self.erasable.clear()
        self.intern(Rendition())
        return {style: self.intern(rendition) for style, rendition in kept.items()}


@dataclass(frozen=True, slots=True)
class Rendition:
    """The graphic rendition of a cell: attributes, link, and colours as their SGR parameters."""

    attributes: int = 0
    foreground: str = ""
    background: str = ""
    link: str = ""

    def on_blank(self) -> "Rendition":
        """Return the part that is visible on a blank cell."""
        attributes = self.attributes & _ON_BLANKS
        foreground = self.foreground if attributes else ""
        return Rendition(attributes, foreground, self.background, self.link)

    def codes(self) -> list[str]:
        """Return the SGR parameters that set it after a reset."""
        codes = [str(code) for code, bit in _ON.items() if self.attributes & bit]
        return codes + [colour for colour in (self.foreground, self.background) if colour]

    def codes_from(self, before: "Rendition") -> list[str]:
        """Return the SGR parameters that set it after ``before``, without a reset."""
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


def _applied(rendition: Rendition, parameters: str) -> Rendition:
    codes = [
        int(code) if code.isdigit() else 0 if not code else -1 for code in parameters.split(";")
    ]
    attributes, colours = rendition.attributes, {3: rendition.foreground, 4: rendition.background}
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
    return Rendition(attributes, colours[3], colours[4], rendition.link)


def _scrolled(rows: list[list[T]], lines: int, empty: list[T]) -> list[list[T]]:
    fresh = [empty[:] for _ in range(abs(lines))]
    return rows[lines:] + fresh if lines > 0 else fresh + rows[:lines]


@lru_cache(maxsize=4096)
def split_cells(text: str) -> Sequence[str]:
    """Split text into cells: one string for each column, empty behind a wide character.

    What has no width joins the character before it, within the text. Control, format and
    surrogate characters never pass: one with a width of its own is marked, the others vanish.
    """
    if text.isascii() and text.isprintable():
        return text
    cells: list[str] = []
    for character in text:
        width = cell_len(character)
        if character in _JOINERS:
            _join(cells, character)
        elif unicodedata.category(character) in _UNSAFE:
            cells += [_MARK] * width
        elif width:
            if cells and "\u200d" in cells[_base(cells)][-1:]:
                cells[_base(cells)] += character
            else:
                cells += [character] + [CONTINUED] * (width - 1)
        elif cells:
            cells[_base(cells)] += character
    return tuple(cells)


@lru_cache(maxsize=256)
def leading_marks(text: str) -> str:
    """Return the combining characters at the start, which join what stands before the text."""
    end = 0
    while end < len(text) and not cell_len(text[end]):
        end += 1
    return "".join(
        mark for mark in text[:end] if mark in _JOINERS or unicodedata.category(mark) not in _UNSAFE
    )


def _base(cells: list[str]) -> int:
    return -2 if cells[-1] == CONTINUED else -1


def _join(cells: list[str], joiner: str) -> None:
    """Append a joiner or an emoji selector; the latter can widen the character before it."""
    if not cells:
        return
    base = _base(cells)
    cells[base] += joiner
    if base == -1 and cell_len(cells[-1]) > 1:
        cells.append(CONTINUED)


@lru_cache(maxsize=4096)
def has_certain_width(cell: str) -> bool:
    """Tell whether every terminal gives a cell the width that Textual does."""
    if len(cell) != 1:
        return cell == CONTINUED
    if cell < "\u0300":
        return True
    if _FLAG_LETTERS[0] <= cell <= _FLAG_LETTERS[1]:
        return False
    wide = unicodedata.east_asian_width(cell) in {"W", "F"}
    if wide != (cell_len(cell) > 1) or unicodedata.category(cell) in {"Mn", "Me", "Mc", "Cn", "Co"}:
        return False
    return not wide or unicodedata.category(cell) != "So"
