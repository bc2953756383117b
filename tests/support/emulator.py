"""A terminal emulator to judge by: pyte, with what it lacks of a present-day terminal."""

from typing import Any

import pyte

ON_BLANKS = ("underscore", "strikethrough", "reverse")


class Emulator(pyte.Screen):
    """Knows SU and SD, homes the cursor on DECSTBM or not, and erases with or without colour."""

    def __init__(self, columns: int, lines: int, *, erases_colour: bool = True) -> None:
        self.erases_colour = erases_colour
        self.homes = True
        """Whether DECSTBM takes the cursor home, as most terminals have it and not all."""
        super().__init__(columns, lines)
        self.stream = pyte.Stream(self)
        # Textual turns wrapping off before its first frame.
        self.stream.feed("\x1b[?7l")

    def feed(self, data: str) -> None:
        # As the terminal's line discipline does.
        self.stream.feed(data.replace("\n", "\r\n"))

    def enter(self) -> None:
        """Be an alternate screen that was just entered."""
        self.reset()
        self.reset_mode(7, private=True)

    def set_mode(self, *modes: int, **options: Any) -> None:
        if 1049 in modes and options.get("private"):
            self.enter()
        super().set_mode(*modes, **options)

    def set_margins(self, top: int | None = None, bottom: int | None = None, **_: Any) -> None:
        x, y = self.cursor.x, self.cursor.y
        super().set_margins(top, bottom)
        self.cursor_position()
        if not self.homes:
            self.cursor.x, self.cursor.y = x, y

    def scroll_up(self, count: int | None = None, **_: Any) -> None:
        self.scroll(count or 1, self.delete_lines)

    def scroll_down(self, count: int | None = None, **_: Any) -> None:
        self.scroll(count or 1, self.insert_lines)

    def scroll(self, count: int, act: Any) -> None:
        x, y = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        act(count)
        self.cursor.x, self.cursor.y = x, y

    def erase_characters(self, count: int | None = None) -> None:
        self.erase(super().erase_characters, count)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self.erase(super().erase_in_line, how)

    def erase_in_display(self, how: int = 0, *_: Any, **__: Any) -> None:
        # pyte leaves alone what was never written to.
        for y in range(self.lines if how > 1 else 0):
            self.buffer[y].update(dict.fromkeys(range(self.columns), self.default_char))
        self.erase(super().erase_in_display, how)

    def erase(self, act: Any, argument: int | None) -> None:
        pen = self.cursor.attrs
        background = pen.bg if self.erases_colour else "default"
        self.cursor.attrs = self.default_char._replace(bg=background)
        act(argument)
        self.cursor.attrs = pen

    def cells(self) -> list[list[tuple[Any, ...]]]:
        """What can be seen: text, colours and attributes of each cell."""
        return [[self.seen(x, y) for x in range(self.columns)] for y in range(self.lines)]

    def seen(self, x: int, y: int) -> tuple[Any, ...]:
        row = self.buffer[y]
        cell = row[x]
        text = cell.data
        halved = pyte.screens.wcwidth(text[0]) > 1 if text else False
        if (halved and (x + 1 == self.columns or row[x + 1].data != "")) or (
            not text
            and not (x and row[x - 1].data and pyte.screens.wcwidth(row[x - 1].data[0]) > 1)
        ):
            text = " "
        shown = tuple(getattr(cell, name) for name in ON_BLANKS)
        if text == " " and not any(shown):
            return (text, cell.bg)
        return (text, cell.fg, cell.bg, cell.bold, cell.italics, cell.blink, *shown)

    def place(self) -> tuple[int, int]:
        return min(self.cursor.x, self.columns - 1), self.cursor.y


pyte.Stream.csi = {**pyte.Stream.csi, "S": "scroll_up", "T": "scroll_down"}
pyte.Stream.events = pyte.Stream.events | {"scroll_up", "scroll_down"}
