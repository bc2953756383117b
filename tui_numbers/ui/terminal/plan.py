"""Decides which cells to write, in which order, so that cursor and pen move least."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from tui_numbers.ui.terminal.cells import CONTINUED, Grid, is_sure
from tui_numbers.ui.terminal.sgr import Styles

_SHORTEST_ERASE: Final = 4
_JUMP: Final = 11
"""Bytes that it costs to leave a piece out and come back for it, about."""


class Piece(NamedTuple):
    """Neighbouring cells of one row that one pen writes."""

    y: int
    start: int
    end: int
    style: int
    erases: bool = False
    """Blank from ``start`` to the end of the row."""
    in_place: bool = False
    """Must come after what stands before it in its row."""


class Planner:
    """Finds the pieces that differ between two grids."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._last = -1

    def row(self, y: int, front: Grid, back: Grid) -> list[Piece]:
        """The pieces of one row, from left to right."""
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
        pieces: list[Piece] = []
        for start, end in _spans(changed, texts, doubtful):
            self._split(pieces, y, (start, end), texts, styles, in_place=bool(doubtful))
        if len(erased) >= _SHORTEST_ERASE:
            start = erased[0]
            style = self._pen_for(start, len(texts), texts, styles)
            pieces.append(Piece(y, start, len(texts), style, True, bool(doubtful)))
        return pieces

    def order(self, pieces: Sequence[Piece], pen: int) -> Sequence[Piece]:
        """Put off what needs the same pen again and again, so that it is all written at once."""
        change = self._styles.change
        gains: Counter[int] = Counter()
        before = pen
        for at, piece in enumerate(pieces):
            style = piece.style
            after = pieces[at + 1].style if at + 1 < len(pieces) else style
            if style != before:
                detour = len(change(before, style)) + len(change(style, after))
                gains[style] += detour - len(change(before, after)) - _JUMP
            before = style
        late = [style for style, gain in gains.items() if gain > 0]
        if not late:
            return pieces
        put_off: dict[int, list[Piece]] = {style: [] for style in late}
        ordered: list[Piece] = []
        for piece in pieces:
            group = None if piece.in_place else put_off.get(piece.style)
            (ordered if group is None else group).append(piece)
        for group in put_off.values():
            ordered += group
        return ordered

    def _split(
        self,
        pieces: list[Piece],
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
            pieces.append(Piece(y, start, stop, pen, in_place=in_place))
            self._last = pen
            start = stop

    def _pen_for(self, start: int, end: int, texts: Sequence[str], styles: Sequence[int]) -> int:
        """A pen for the cell at ``start``; for a blank, one that is needed anyway."""
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
        """Where the blanks begin that erasing to the end of the row would make."""
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
    return [x for x in changed if not is_sure(texts[x])]


def _spans(
    changed: Sequence[int], texts: Sequence[str], doubtful: Sequence[int]
) -> list[tuple[int, int]]:
    """Runs of neighbouring columns, which never begin or end inside a wide character.

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
