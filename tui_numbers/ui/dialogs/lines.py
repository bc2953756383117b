"""How a confirmation draws its lines, and how each of several ends."""

from collections.abc import Sequence
from dataclasses import replace

from textual.content import Content

from tui_numbers.services.changes import Result
from tui_numbers.ui.detail.drawing import hung
from tui_numbers.ui.previews import Line
from tui_numbers.ui.text import content, fit, measure
from tui_numbers.ui.words import outcome_tone

_LABEL_WIDTH = 10
_STEP_WIDTH = 15
_STYLES = {
    "good": "$text-success bold",
    "warn": "$text-warning",
    "bad": "$text-error bold",
    "change": "bold",
}


def lines_content(lines: Sequence[Line], room: int = 0) -> Content:
    """Return lines with their labels in one column; with ``room``, further lines hang below."""
    width = max([_LABEL_WIDTH, *(measure(line.label) for line in lines)])
    drawn: list[Content] = []
    for line in lines:
        text = content(line.text)
        if line.tone in _STYLES:
            text = text.stylize(_STYLES[line.tone])
        label = f"{fit(line.label, width)} " if line.label else ""
        drawn.extend(hung(Content.styled(label, "$label"), text, room, measure(label)))
    return Content("\n").join(drawn)


class Progress:
    """Several lines, each of which goes its own way from its first step to its outcome."""

    def __init__(self, lines: Sequence[Line], *, several: bool = True) -> None:
        self._lines = list(lines)
        self._several = several
        self._steps: dict[int, str] = {}
        self._tones: dict[int, str] = {}
        self._reasons: dict[int, str] = {}

    def step(self, place: int, step: str) -> None:
        """Note the latest step of one line."""
        self._steps[place] = step

    def end(self, results: Sequence[Result]) -> None:
        """Note how every line ended."""
        for place, result in enumerate(results):
            self._steps[place] = result.outcome.value
            self._tones[place] = outcome_tone(result.outcome)
            if result.error:
                self._reasons[place] = result.error

    def lines(self) -> list[Line]:
        """Return the lines as they stand."""
        if not self._several:
            return self._lines
        drawn = []
        for place, line in enumerate(self._lines):
            step = fit(self._steps.get(place, "waiting"), _STEP_WIDTH)
            tone = self._tones.get(place, "")
            drawn.append(replace(line, text=f"{step} {line.text}", tone=tone))
            if place in self._reasons:
                drawn.append(Line("", f"  {self._reasons[place]}", tone))
        return drawn
