"""The help page, made from the bindings."""

from collections.abc import Iterable, Mapping

from textual.binding import Binding
from textual.content import Content

from tui_numbers.ui import bindings
from tui_numbers.ui.detail.form import FormScreen
from tui_numbers.ui.keymap import usable_keymap
from tui_numbers.ui.table import messages as table_bindings
from tui_numbers.ui.text import content, fit


def _form_bindings() -> Iterable[Binding]:
    """Yield the keys of the form that have a word of their own."""
    for binding in FormScreen.BINDINGS:
        if isinstance(binding, Binding) and binding.show:
            yield binding


_GROUPS: tuple[tuple[str, tuple[Binding, ...]], ...] = (
    ("The number under the cursor", bindings.NUMBER),
    ("The view", bindings.VIEW),
    ("The table", tuple(table_bindings.BINDINGS)),
    ("Everywhere", bindings.FRAME),
    ("The form", tuple(_form_bindings())),
)


def key_rows(keymap: Mapping[str, str]) -> Iterable[tuple[str, str, str, str]]:
    """Yield (group, keys, what they do, id) for every binding, as remapped."""
    usable, _ = usable_keymap(keymap)
    for group, members in _GROUPS:
        for binding in members:
            shown = " ".join(bindings.key_names(binding, usable))
            words = binding.tooltip or binding.description
            yield group, shown, f"{words[:1].upper()}{words[1:]}", binding.id or ""


def help_text(keymap: Mapping[str, str]) -> Content:
    """Return the help page."""
    lines: list[Content] = []
    last = ""
    for group, keys, words, _ in key_rows(keymap):
        if group != last:
            if last:
                lines.append(Content(""))
            lines.append(content(group).stylize("bold"))
            last = group
        lines.append(Content.styled(fit(keys, 16), "$text-accent") + content(f" {words}"))
    lines.extend(
        (
            Content(""),
            Content.styled("In the filter", "bold"),
            Content("Words must all be found; !word must not. Digits match any spelling."),
            Content("Enter or Down goes to the table and keeps the filter; Esc clears it."),
        )
    )
    return Content("\n").join(lines)


def markdown_keys(keymap: Mapping[str, str] | None = None) -> str:
    """Return every key as a Markdown table, for the README."""
    lines = ["| Key | Does | Id for `[keymap]` |", "| --- | --- | --- |"]
    last = ""
    for group, keys, words, identifier in key_rows(keymap or {}):
        if group != last:
            lines.append(f"| **{group}** | | |")
            last = group
        shown = " ".join(f"`{key}`" for key in keys.split(" "))
        lines.append(f"| {shown} | {words} | `{identifier}` |")
    return "\n".join(lines)
