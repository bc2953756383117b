"""Encode the difference between two screens in as few bytes as the terminal allows."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import ne
from typing import Final, NamedTuple

from tui_numbers.ui.terminal.grid import (
    CONTINUED,
    DEFAULT,
    UNKNOWN_PEN,
    Grid,
    Styles,
    has_certain_width,
)

_WELL_KNOWN: Final = (
    "xterm", "tmux", "screen", "rxvt", "kitty", "alacritty", "foot", "vte", "gnome", "konsole",
    "wezterm", "ghostty", "iterm", "mintty", "contour", "st-", "st256", "putty", "ms-terminal",
)  # fmt: skip
_SHORTEST_ERASE: Final = 4
_JUMP: Final = 11
"""Bytes that it costs to leave a run out and come back for it, about."""
_FEWEST_ROWS: Final = 3
_ROW_COST: Final = 8
"""Bytes to get to a row and set the pen, about."""
_SCROLL_COST: Final = 16
_CANDIDATES: Final = 2
_BLANKS: Final = re.compile(" {11,}")
_LONGEST_REWRITE: Final = 4
"""Unchanged cells up to this number are written again when that spares a cursor move."""


@dataclass(frozen=True, slots=True)
class TerminalFeatures:
    """What a terminal knows beyond the sequences that all of them do."""

    erases_colour: bool = True
    """Erased cells take the background colour of the pen (``bce`` in terminfo)."""
    scrolls: bool = True
    """Knows SU and SD; where not, lines are deleted and inserted."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "TerminalFeatures":
        """Tell the features by ``TERM``; one that is in doubt is taken to be missing."""
        name = environ.get("TERM", "").lower()
        known = name.startswith(_WELL_KNOWN)
        # GNU screen erases to the default background unless told otherwise, and over SSH its name
        # is all that tells it from tmux.
        bare_screen = "STY" in environ or (name.startswith("screen") and "TMUX" not in environ)
        return cls(erases_colour=(known or name == "linux") and not bare_screen, scrolls=known)


class Run(NamedTuple):
    """A run of neighbouring cells in one row that one pen writes."""

    y: int
    start: int
    end: int
    style: int
    erases: bool = False
    """Blank from ``start`` to the end of the row."""
    in_place: bool = False
    """Must be written after what stands before it in its row."""


class RowDiffer:
    """Find the runs of cells that differ between two grids."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._last = -1

    def row(self, y: int, front: Grid, back: Grid) -> list[Run]:
        """Return the runs of one row that differ, from left to right."""
        texts, styles = back.text[y], back.style[y]
        blank = self._styles.blank
        changed = [
            x
            for x, (text, style, old_text, old_style) in enumerate(
                zip(texts, styles, front.text[y], front.style[y], strict=True)
            )
            if (text != old_text or style != old_style)
            and not (text == old_text == " " and blank[style] == blank[old_style])
        ]
        if not changed:
            return []
        doubtful = _doubtful(changed, texts)
        tail = self._tail(texts, styles)
        erased = [x for x in changed if x >= tail]
        if len(erased) >= _SHORTEST_ERASE:
            del changed[-len(erased) :]
        runs: list[Run] = []
        for start, end in _spans(changed, texts, doubtful):
            self._split(runs, y, (start, end), texts, styles, in_place=bool(doubtful))
        if len(erased) >= _SHORTEST_ERASE:
            start = erased[0]
            style = self._pen_for(start, len(texts), texts, styles)
            runs.append(Run(y, start, len(texts), style, True, bool(doubtful)))
        return runs

    def order(self, runs: Sequence[Run], pen: int) -> Sequence[Run]:
        """Group runs of one pen where that saves more than the cursor moves cost."""
        change = self._styles.change
        gains: Counter[int] = Counter()
        before = pen
        for at, run in enumerate(runs):
            style = run.style
            after = runs[at + 1].style if at + 1 < len(runs) else style
            if style != before:
                detour = len(change(before, style)) + len(change(style, after))
                gains[style] += detour - len(change(before, after)) - _JUMP
            before = style
        late = [style for style, gain in gains.items() if gain > 0]
        if not late:
            return runs
        put_off: dict[int, list[Run]] = {style: [] for style in late}
        ordered: list[Run] = []
        for run in runs:
            group = None if run.in_place else put_off.get(run.style)
            (ordered if group is None else group).append(run)
        for group in put_off.values():
            ordered += group
        return ordered

    def _split(
        self,
        runs: list[Run],
        y: int,
        span: tuple[int, int],
        texts: Sequence[str],
        styles: Sequence[int],
        *,
        in_place: bool,
    ) -> None:
        """Cut a span into runs of one pen."""
        blank = self._styles.blank
        start, end = span
        while start < end:
            pen = self._pen_for(start, end, texts, styles)
            look = blank[pen]
            stop = start + 1
            while stop < end and (
                styles[stop] == pen or (texts[stop] == " " and blank[styles[stop]] == look)
            ):
                stop += 1
            runs.append(Run(y, start, stop, pen, in_place=in_place))
            self._last = pen
            start = stop

    def _pen_for(self, start: int, end: int, texts: Sequence[str], styles: Sequence[int]) -> int:
        """Return a pen for the cell at ``start``; for a blank, one that is needed anyway."""
        if texts[start] != " ":
            return styles[start]
        blank = self._styles.blank
        look = blank[styles[start]]
        if self._last >= 0 and blank[self._last] == look:
            return self._last
        for x in range(start, end):
            if blank[styles[x]] != look:
                break
            if texts[x] != " ":
                return styles[x]
        return styles[start]

    def _tail(self, texts: Sequence[str], styles: Sequence[int]) -> int:
        """Return where the blanks begin that erasing to the end of the row would make."""
        blank = self._styles.blank
        look = blank[styles[-1]]
        x = len(texts)
        if self._styles.erasable[look]:
            while x and texts[x - 1] == " " and blank[styles[x - 1]] == look:
                x -= 1
        return x

    def start(self, pen: int) -> None:
        """Begin a frame with the pen as it is."""
        self._last = pen


def _doubtful(changed: Sequence[int], texts: Sequence[str]) -> list[int]:
    if "".join(texts).isascii():
        return []
    return [x for x in changed if not has_certain_width(texts[x])]


def _spans(
    changed: Sequence[int], texts: Sequence[str], doubtful: Sequence[int]
) -> list[tuple[int, int]]:
    """Return spans of neighbouring columns, which never split a wide character.

    What follows a character of doubtful width is written again, since it may have been covered.
    """
    width = len(texts)
    if doubtful:
        after = {x + 1 + (x + 1 < width and texts[x + 1] == CONTINUED) for x in doubtful}
        changed = sorted({*changed, *(x for x in after if x < width)})
    spans: list[tuple[int, int]] = []
    for x in changed:
        start = x - 1 if x and texts[x] == CONTINUED else x
        end = x + 2 if x + 1 < width and texts[x + 1] == CONTINUED else x + 1
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


@dataclass(frozen=True, slots=True)
class Scroll:
    """A scroll of rows ``top`` to ``bottom`` up by ``lines`` (down if negative)."""

    top: int
    bottom: int
    lines: int


def find_scroll(front: Grid, back: Grid, changed: Sequence[int]) -> Scroll | None:
    """Return the scroll that saves most on the way from ``front`` to ``back``, if one does."""
    if len(changed) < _FEWEST_ROWS:
        return None
    best, most, dirty = None, _SCROLL_COST, frozenset(changed)
    direct = [_cost(front, y, back, y) if y in dirty else 0 for y in range(back.height)]
    for lines in _candidates(front, back, changed):
        scroll, gain = _best_region(front, back, direct, lines)
        if scroll is not None and gain > most:
            best, most = scroll, gain
    return best


def _candidates(front: Grid, back: Grid, changed: Sequence[int]) -> list[int]:
    """Return the distances by which most rows seem to have moved, by either half of a row."""
    votes: Counter[int] = Counter()
    middle = back.width // 2
    for start, end in ((0, middle), (middle, back.width)):
        places: dict[str, list[int]] = {}
        for y in range(front.height):
            places.setdefault("".join(front.text[y][start:end]), []).append(y)
        for y in changed:
            text = "".join(back.text[y][start:end])
            if not text.isspace():
                votes.update(found - y for found in places.get(text, ())[:_FEWEST_ROWS])
    del votes[0]
    return [lines for lines, count in votes.most_common(_CANDIDATES) if count >= _FEWEST_ROWS]


def _best_region(
    front: Grid, back: Grid, direct: Sequence[int], lines: int
) -> tuple[Scroll | None, int]:
    """Return the rows for which moving them by ``lines`` saves most, and how many bytes."""
    height, distance = back.height, abs(lines)
    targets = range(max(0, -lines), min(height, height - lines))
    best, best_sum, start, total = None, 0, targets.start, 0
    for y in targets:
        total += direct[y] - _cost(front, y + lines, back, y)
        if total <= 0:
            start, total = y + 1, 0
        elif total > best_sum:
            best, best_sum = (start, y), total
    if best is None:
        return None, 0
    first, last = best
    uncovered = (
        range(last + 1, last + 1 + distance) if lines > 0 else range(first - distance, first)
    )
    lost = sum(_full_cost(back, y) - direct[y] for y in uncovered)
    scroll = Scroll(min(first, uncovered.start), max(last, uncovered.stop - 1), lines)
    return scroll, best_sum - lost


def _cost(front: Grid, there: int, back: Grid, here: int) -> int:
    """Estimate how many bytes turn one row into another."""
    texts, styles = front.text[there], front.style[there]
    new_texts, new_styles = back.text[here], back.style[here]
    if texts == new_texts and styles == new_styles:
        return 0
    texts_changed: int = sum(map(ne, texts, new_texts))
    styles_changed: int = sum(map(ne, styles, new_styles))
    return texts_changed + styles_changed + _ROW_COST


def _full_cost(back: Grid, y: int) -> int:
    """Estimate how many bytes write a row over one of which nothing is known."""
    styles = back.style[y]
    pens: int = sum(map(ne, styles[1:], styles))
    return len(_BLANKS.sub("", "".join(back.text[y]))) + (pens + 2) * _ROW_COST


class Emitter:
    """Track the terminal's cursor and pen, and bring its screen up to date."""

    def __init__(self, styles: Styles, abilities: TerminalFeatures) -> None:
        self._styles = styles
        self._abilities = abilities
        self._row_differ = RowDiffer(styles)
        self._out: list[str] = []
        self._height = 0
        self._x: int | None = None
        self._y: int | None = None
        self._pen = UNKNOWN_PEN

    def forget(self) -> None:
        """Take cursor and pen of the terminal as unknown."""
        self._x = self._y = None
        self._pen = UNKNOWN_PEN

    def update(self, front: Grid, back: Grid, cursor: tuple[int, int], *, fresh: bool) -> str:
        """Return what turns ``front``, the screen as it is, into ``back``; both are then the same.

        With ``fresh``, nothing is known of the screen, and it is cleared first.
        """
        self._out = []
        self._height = back.height
        if fresh:
            self._clear(front, back)
        changed = [
            y
            for y in range(back.height)
            if front.text[y] != back.text[y] or front.style[y] != back.style[y]
        ]
        scroll = None if fresh else find_scroll(front, back, changed)
        if scroll:
            self._scroll(scroll)
            front.scroll(scroll.top, scroll.bottom, scroll.lines)
            changed = sorted({*changed, *range(scroll.top, scroll.bottom + 1)})
        self._row_differ.start(self._pen)
        runs = [run for y in changed for run in self._row_differ.row(y, front, back)]
        for run in self._row_differ.order(runs, self._pen):
            self._write(run, back.text[run.y], back.style[run.y])
        for y in changed:
            front.copy_row(y, back)
        self._go(*cursor)
        return "".join(self._out)

    def release(self) -> str:
        """Return what resets scrolling region, pen and link to how a terminal starts."""
        link = self._pen != UNKNOWN_PEN and self._styles.rendition(self._pen).link
        self.forget()
        return ("\x1b]8;;\x1b\\" if link else "") + "\x1b[r\x1b[m"

    def _clear(self, front: Grid, back: Grid) -> None:
        ends: Counter[int] = Counter({DEFAULT: 0})
        for texts, styles in zip(back.text, back.style, strict=True):
            look = self._styles.blank[styles[-1]]
            if texts[-1] == " " and self._styles.erasable[look]:
                ends[look] += 1
        look = ends.most_common(1)[0][0]
        self._end_region()
        self._paint_with(look)
        self._out.append("\x1b[2J")
        front.fill(" ", look)

    def _scroll(self, scroll: Scroll) -> None:
        lines = abs(scroll.lines)
        whole = scroll.top == 0 and scroll.bottom == self._height - 1
        if not whole:
            bottom = f"{scroll.bottom + 1}" if scroll.bottom < self._height - 1 else ""
            self._out.append(f"\x1b[{scroll.top + 1};{bottom}r".replace(";r", "r"))
            self._x = self._y = None
        count = "" if lines == 1 else f"{lines}"
        if self._abilities.scrolls:
            self._out.append(f"\x1b[{count}{'S' if scroll.lines > 0 else 'T'}")
        else:
            self._go(0, scroll.top)
            self._out.append(f"\x1b[{count}{'M' if scroll.lines > 0 else 'L'}")
        if not whole:
            self._end_region()

    def _end_region(self) -> None:
        """Scroll the whole screen again; not every terminal moves the cursor for that."""
        self._out.append("\x1b[r\x1b[H")
        self._x = self._y = 0

    def _reach(self, x: int, y: int, texts: Sequence[str], styles: Sequence[int]) -> None:
        """Move to a cell, by writing unchanged cells again where that is shorter."""
        if self._y == y and self._x is not None and 0 < x - self._x <= _LONGEST_REWRITE:
            between = "".join(texts[self._x : x])
            plain = len(between) == x - self._x and between.isascii()
            if plain and self._fits(self._x, x, texts, styles):
                self._out.append(between)
                self._x = x
                return
        self._go(x, y)

    def _fits(self, start: int, end: int, texts: Sequence[str], styles: Sequence[int]) -> bool:
        """Tell whether the current pen would write these cells as they are."""
        pen, blank = self._pen, self._styles.blank
        return pen != UNKNOWN_PEN and all(
            style == pen or (text == " " and blank[style] == blank[pen])
            for text, style in zip(texts[start:end], styles[start:end], strict=True)
        )

    def _write(self, run: Run, texts: Sequence[str], styles: Sequence[int]) -> None:
        """Write or erase one run."""
        start, y = run.start, run.y
        self._reach(start, y, texts, styles)
        if run.erases:
            self._paint_with(run.style, blank=True)
            self._out.append("\x1b[K")
            return
        cells = texts[start : run.end]
        text = "".join(cells)
        plain = text.isascii()
        self._paint_with(run.style, blank=plain and text.isspace())
        done = 0
        if self._styles.erasable[self._styles.blank[self._pen]]:
            shape = text if plain else "".join(" " if cell == " " else "x" for cell in cells)
            for gap in _BLANKS.finditer(shape):
                self._put(cells[done : gap.start()], start + done, y, plain=plain)
                self._go(start + gap.start(), y)
                self._out.append(f"\x1b[{gap.end() - gap.start()}X")
                done = gap.end()
        self._put(cells[done:], start + done, y, plain=plain)
        if run.end == len(texts):
            # Behind the last column terminals disagree about where the cursor is.
            self._x = None

    def _put(self, cells: Sequence[str], x: int, y: int, *, plain: bool) -> None:
        """Write characters; ``plain`` ones, of one column each, at once."""
        if cells and plain:
            self._go(x, y)
            self._out.append("".join(cells))
            self._x = x + len(cells)
        elif cells:
            self._write_cells(cells, x, y)

    def _write_cells(self, cells: Sequence[str], x: int, y: int) -> None:
        """Write characters of any width; after one of doubtful width the cursor is set anew."""
        for at, cell in enumerate(cells, x):
            if cell == CONTINUED:
                continue
            wide = at + 1 < x + len(cells) and cells[at + 1 - x] == CONTINUED
            sure = has_certain_width(cell)
            self._go(at, y)
            if wide and not sure:
                # Where the terminal takes it for a narrow one, no old half must stay behind it.
                self._out.append("  ")
                self._x = None
                self._go(at, y)
            self._out.append(cell)
            self._x = at + 1 + wide if sure else None

    def _paint_with(self, style: int, *, blank: bool = False) -> None:
        pen = self._pen
        if style == pen:
            return
        if blank and pen != UNKNOWN_PEN:
            blanks = self._styles.blank
            if blanks[style] == blanks[pen]:
                return
        self._out.append(self._styles.change(pen, style))
        self._pen = style

    def _go(self, x: int, y: int) -> None:
        """Move the cursor by the shortest way."""
        if self._x == x and self._y == y:
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self._y == y:
            ways.append(f"\x1b[{x + 1}G" if x else "\r")
            if self._x is not None:
                ways.append(_sideways(x - self._x))
        elif self._y is not None:
            if self._x == x:
                ways.append(_along(y - self._y, "B", "A"))
            if y == self._y + 1:
                ways.append("\r\n" + _sideways(x))
        self._out.append(min(ways, key=len))
        self._x, self._y = x, y


def _sideways(steps: int) -> str:
    if -4 < steps < 0:
        return "\b" * -steps
    return _along(steps, "C", "D")


def _along(steps: int, forward: str, backward: str) -> str:
    if steps == 0:
        return ""
    count = "" if abs(steps) == 1 else f"{abs(steps)}"
    return f"\x1b[{count}{forward if steps > 0 else backward}"
