"""Finds the scrolling of a region that spares the most writing."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import ne
from typing import Final

from tui_numbers.ui.terminal.cells import Grid

_FEWEST_ROWS: Final = 3
_ROW_COST: Final = 8
"""Bytes to get to a row and set the pen, about."""
_SCROLL_COST: Final = 16
_CANDIDATES: Final = 2
_BLANKS: Final = re.compile(" {11,}")


@dataclass(frozen=True, slots=True)
class Scroll:
    """Rows ``top`` to ``bottom`` move up by `lines` (down if negative)."""

    top: int
    bottom: int
    lines: int


def find_scroll(front: Grid, back: Grid, changed: Sequence[int]) -> Scroll | None:
    """The scroll that helps most to turn `front` into `back`, if one is worth it."""
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
    """The distances by which most rows seem to have moved, judged by either half of a row."""
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
    """The run of rows for which taking them from `lines` further down gains most."""
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
    """About how many bytes turn one row into another."""
    texts, styles = front.text[there], front.style[there]
    new_texts, new_styles = back.text[here], back.style[here]
    if texts == new_texts and styles == new_styles:
        return 0
    texts_changed: int = sum(map(ne, texts, new_texts))
    styles_changed: int = sum(map(ne, styles, new_styles))
    return texts_changed + styles_changed + _ROW_COST


def _full_cost(back: Grid, y: int) -> int:
    """About how many bytes write a row over one of which nothing is known."""
    styles = back.style[y]
    pens: int = sum(map(ne, styles[1:], styles))
    return len(_BLANKS.sub("", "".join(back.text[y]))) + (pens + 2) * _ROW_COST
