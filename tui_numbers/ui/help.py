"""Make the help page, and the README's key table, from the table of actions."""

from collections.abc import Iterable, Mapping

from textual.content import Content

from tui_numbers.ui.actions import Scope, actions_of
from tui_numbers.ui.keymap import usable_keymap
from tui_numbers.ui.text import content, fit

_SHOWN = (
    Scope.NUMBER,
    Scope.VIEW,
    Scope.TABLE,
    Scope.STOCK,
    Scope.ROUTES,
    Scope.EVERYWHERE,
    Scope.FORM,
)


def key_rows(keymap: Mapping[str, str]) -> Iterable[tuple[str, str, str, str]]:
    """Yield (group, keys, what they do, id) for every action, as remapped."""
    usable, _ = usable_keymap(keymap)
    for action in actions_of(*_SHOWN):
        if action.scope is Scope.FORM and not action.help:
            # Such keys do in the form what they do in any.
            continue
        words = f"{action.sentence[:1].upper()}{action.sentence[1:]}"
        yield action.scope.value, " ".join(action.key_names(usable)), words, action.id


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
            Content(""),
            Content.styled("The mouse", "bold"),
            Content("Click views, footer, headings (again: the other way round) and rows."),
            Content("Shift and drag select text; mouse = false in [ui] leaves it to the terminal."),
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
