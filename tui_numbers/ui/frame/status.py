"""The line above the verbs: how each account stands, or what just happened."""

from dataclasses import dataclass
from enum import StrEnum

from textual.content import Content
from textual.widget import Widget

from tui_numbers.ui.text import content, fit, measure

_THE_REST = " @: all"


class Tone(StrEnum):
    """How something is meant; the words say it too."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Part:
    """One account's words."""

    text: str
    tone: Tone = Tone.PLAIN


class StatusLine(Widget):
    """Accounts side by side; a message stands in their place until the next key."""

    COMPONENT_CLASSES = {"status-line--good", "status-line--warn", "status-line--bad"}  # noqa: RUF012 - Textual's own declaration

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[Part, ...] = ()
        self._message: Part | None = None

    def show(self, parts: tuple[Part, ...]) -> None:
        """Show how the accounts stand."""
        if parts != self._parts:
            self._parts = parts
            if self._message is None:
                self.refresh()

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message in the place of the accounts."""
        self._message = Part(text, tone)
        self.refresh()

    def settle(self, text: str | None = None) -> None:
        """Take the message away, or only the one that says ``text``."""
        if self._message is not None and text in (None, self._message.text):
            self._message = None
            self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        if self._message is not None:
            return Content(" ") + self._cut(self._message)
        parts = self._parts
        return Content(" ") + Content("  ·  ").join(self._styled(part) for part in parts)

    def _cut(self, message: Part) -> Content:
        """Return a message on one line, and say where the rest of a long one is."""
        room = self.size.width - 2
        text = message.text
        if measure(text) > room:
            text = fit(text, room - len(_THE_REST)) + _THE_REST
        return self._styled(Part(text, message.tone))

    def _styled(self, part: Part) -> Content:
        if part.tone is Tone.PLAIN:
            return content(part.text)
        return content(part.text).stylize(self.get_visual_style(f"status-line--{part.tone}"))
