"""A small app for a real pseudo-terminal: a list, an input, and a write that takes its time.

Run as a module with ``DRIVER REPORT GATE``: it tells on the descriptor REPORT what happens to
it, and its write is done once something can be read from GATE.
"""

import asyncio
import os
import sys
import termios
import threading

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input

from tui_numbers.ui.terminal.driver import DiffingDriver, LineAwareDriver

OVERTAKEN, LAST = (70, 20), (100, 30)
"""A size that is over when it has been read, and the one that has come meanwhile."""


class Overtaken(DiffingDriver):
    """Hears of the next size while it hears of one."""

    def _own_size(self) -> tuple[int, int] | None:
        size = super()._own_size()
        if size == OVERTAKEN:
            termios.tcsetwinsize(self.fileno, LAST[::-1])
        return size


DRIVERS = {
    "ours": DiffingDriver, "plain": LineAwareDriver, "stock": LinuxDriver, "overtaken": Overtaken,
}  # fmt: skip

ROUNDS = 3


class Rows(ScrollView, can_focus=True):
    BINDINGS = (
        ("down", "go(1)"), ("up", "go(-1)"), ("pagedown", "go(20)"), ("end", "go(1000)"),
    )  # fmt: skip

    def action_go(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_y + lines, animate=False, immediate=True)

    def on_mount(self) -> None:
        self.virtual_size = Size(70, 1000)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        name = ("Zoë", "漢字", "Office", "—", "e\u0301te\u0301")[at % 5]
        text = f"+44 7700 {at * 7919 % 10**6:06}  {name}"
        style = Style.parse("bold white on #103050" if at % 7 == 0 else "#e0e0e0 on #121212")
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)


class Small(App[int]):
    BINDINGS = (
        ("ctrl+b", "ring"),
        ("w", "write"),
        ("slash", "type"),
        ("q", "quit"),
    )
    CSS = "Rows { height: 1fr; background: #121212; } Input { border: none; height: 1; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, driver: str, report: int, gate: int) -> None:
        super().__init__(driver_class=DRIVERS[driver])
        self.report, self.gate = report, gate
        self.ringing: asyncio.Task[None] | None = None
        self.writing: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        entry = Input(placeholder="filter")
        entry.cursor_blink = False
        yield entry
        yield Rows()

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.query_one(Rows).focus()
        self.call_after_refresh(self.tell, "ready")

    def tell(self, what: str) -> None:
        os.write(self.report, f"{what}\n".encode())

    def action_ring(self) -> None:
        # Not in the app's own queue, on whose idleness much of the drawing waits.
        self.ringing = asyncio.create_task(self.ring())

    async def ring(self) -> None:
        quiet = 0
        while quiet < ROUNDS:
            quiet = 0 if self.is_dirty() else quiet + 1
            # Longer than the interval at which screens are drawn, so that each round has one.
            await asyncio.sleep(0.03)
        self.bell()

    def is_dirty(self) -> bool:
        """Whether anything is yet to be drawn."""
        screen = self.screen
        return bool(
            self._message_queue.qsize()
            or screen._dirty_widgets
            or screen._compositor._dirty_regions
            or screen._compositor.size != self.size
            or screen._layout_required
            or any(
                widget._repaint_required or widget._scroll_required or widget._message_queue.qsize()
                for widget in (screen, *screen.walk_children())
            )
        )

    def on_resize(self, event: Resize) -> None:
        self.tell(f"size {event.size.width}x{event.size.height}")

    def action_type(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self) -> None:
        self.query_one(Rows).focus()

    def action_write(self) -> None:
        self.writing = asyncio.create_task(self.write())
        self.tell("writing")

    async def write(self) -> None:
        readable = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.gate, readable.set)
        await readable.wait()
        self.tell("written")

    async def line_lost(self) -> None:
        self.tell("lost")
        if self.writing is not None:
            await self.writing
        self.exit(3)


def main() -> None:
    report, gate = int(sys.argv[2]), int(sys.argv[3])
    app = Small(sys.argv[1], report, gate)
    result = app.run()
    names = sorted(thread.name for thread in threading.enumerate())
    app.tell(f"ended {result} {','.join(names)}")


if __name__ == "__main__":
    main()
