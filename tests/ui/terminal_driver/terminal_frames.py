"""Frames as Textual's own compositor writes them, of screens made for the purpose."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

Row = tuple[tuple[str, str], ...]
"""Texts and the names of their styles."""

SYSTEMS = ("truecolor", "256", "standard")
CONSOLES = {
    system: Console(force_terminal=True, color_system=system, legacy_windows=False)  # type: ignore[arg-type]
    for system in SYSTEMS
}


def strip(row: Row, width: int) -> Strip:
    segments = [Segment(text, Style.parse(style)) for text, style in row]
    return Strip(segments).adjust_cell_length(width, Style.parse("on #121212"))


@dataclass
class Canvas:
    """A screen of rows, drawn whole or in part."""

    width: int
    height: int
    system: str = "truecolor"
    rows: list[Row] = field(default_factory=list)
    cursor: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.rows += [()] * (self.height - len(self.rows))

    def resize(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows = [*self.rows, *[()] * height][:height]
        self.cursor = min(self.cursor[0], width - 1), min(self.cursor[1], height - 1)

    def full(self) -> str:
        strips = [[strip(row, self.width)] for row in self.rows]
        region = Region(0, 0, self.width, self.height)
        return LayoutUpdate(strips, region).render_segments(CONSOLES[self.system]) + self.end()

    def part(self, ys: list[int], start: int, end: int) -> str:
        """Columns ``start`` to ``end`` of some rows."""
        chops = [{0: strip(row, self.width)} for row in self.rows]
        cut = [{start: line[0].crop(start, end)} for line in chops]
        spans = [(y, start, end) for y in sorted(ys)]
        update = ChopsUpdate(cut, spans, [[end]] * self.height)
        return update.render_segments(CONSOLES[self.system]) + self.end()

    def end(self) -> str:
        return f"\x1b[{self.cursor[1] + 1};{self.cursor[0] + 1}H"
