"""How facts are drawn: labels in one column, values beside them, or below a long label."""

from collections.abc import Sequence

from textual.content import Content

from tui_numbers.ui.detail.facts import Fact
from tui_numbers.ui.text import content, fit, measure

_NARROWEST = 12
_STYLES = {
    "good": "$text-success",
    "warn": "$text-warning",
    "bad": "$text-error bold",
    "dim": "$label",
}


def facts_content(facts: Sequence[Fact], width: int) -> Content:
    """Return facts as text for ``width`` cells."""
    longest = max((measure(fact.label) for fact in facts), default=0)
    labels = max(_NARROWEST, min(longest, width * 2 // 5))
    lines: list[Content] = []
    for fact in facts:
        if not fact.label and not fact.tone:
            if lines:
                lines.append(Content(""))
            lines.append(content(fact.value).stylize("bold $text-accent"))
            continue
        if measure(fact.label) > labels:
            # What tells one label from its neighbours often stands at its end.
            lines.append(Content.styled(fit(fact.label, width), "$label"))
            label = Content(" " * (labels + 1))
        else:
            label = Content.styled(f"{fit(fact.label, labels)} ", "$label")
        value = content(fact.value)
        lines.extend(hung(label, value.stylize(_STYLES.get(fact.tone, "")), width, labels + 1))
    return Content("\n").join(lines)


def hung(label: Content, value: Content, width: int, indent: int) -> list[Content]:
    """Return a label and its value, whose further lines stand below its first."""
    room = width - indent
    if room < _NARROWEST or value.cell_length <= room:
        return [label + value]
    first, *rest = value.wrap(room)
    return [label + first, *(Content(" " * indent) + line for line in rest)]
