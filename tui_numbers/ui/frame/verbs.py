"""The last line: what the keys do here; what cannot be done now is dim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget

from tui_numbers.ui import bindings
from tui_numbers.ui.table.bindings import OPEN
from tui_numbers.ui.text import content, measure

_BY_ACTION = {
    binding.action.removeprefix("app."): binding for binding in (*bindings.DASHBOARD, OPEN)
}


@dataclass(frozen=True, slots=True)
class Verb:
    """One key and its word."""

    key: str
    word: str
    enabled: bool = True


def verb(action: str, keymap: Mapping[str, str], *, enabled: bool) -> Verb:
    """Return an action's key, as remapped, and its word for the line of verbs."""
    binding = _BY_ACTION[action]
    return Verb(bindings.key_names(binding, keymap)[0], binding.description, enabled)


class VerbBar(Widget):
    """At most seven verbs of what has the focus."""

    COMPONENT_CLASSES = {"verb-bar--key", "verb-bar--off"}  # noqa: RUF012 - Textual's own declaration

    def __init__(self) -> None:
        super().__init__()
        self._verbs: tuple[Verb, ...] = ()

    def show(self, verbs: Sequence[Verb]) -> None:
        """Show these verbs; repaints only when they differ."""
        if tuple(verbs) != self._verbs:
            self._verbs = tuple(verbs)
            self.refresh()

    def render(self) -> Content:
        """Draw as many verbs as the line holds."""
        key_style = self.get_visual_style("verb-bar--key")
        off_style = self.get_visual_style("verb-bar--off")
        line = Content(" ")
        used = 1
        for verb in self._verbs:
            text = f"{verb.key} {verb.word}"
            if used + measure(text) > self.size.width:
                break
            if verb.enabled:
                line += content(verb.key).stylize(key_style) + content(f" {verb.word}  ")
            else:
                line += content(f"{text}  ").stylize(off_style)
            used += measure(text) + 2
        return line
