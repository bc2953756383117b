"""What the journal says of operations, as plain lines: on one number, and on one by itself."""

from collections.abc import Sequence

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import Operation
from tui_numbers.ui.detail.facts import HEADING, Fact
from tui_numbers.ui.previews import change_lines
from tui_numbers.ui.words import change_words, clock, outcome_tone
from tui_numbers.wording.values import UNKNOWN, outcome_words

MOST_SHOWN = 5
"""Operations told of one number."""


def latest_facts(operations: Sequence[Operation]) -> list[Fact]:
    """Return the last operations on a number; nothing where there was none."""
    if not operations:
        return []
    facts = [Fact(HEADING, "Changed from here")]
    for one in operations[:MOST_SHOWN]:
        outcome = outcome_words(one)
        facts.append(
            Fact(
                clock(one.started_at)[:10],
                f"{one.action} {outcome}, {one.actor.user}",
                outcome_tone(one.outcome),
            )
        )
        facts.append(Fact("", change_words(one), "dim"))
    return facts


def operation_facts(operation: Operation) -> list[Fact]:
    """Return everything recorded of one operation."""
    actor = operation.actor
    from_where = f" from {actor.ssh_client}" if actor.ssh_client else ""
    facts = [
        Fact(HEADING, f"{operation.action} {international(operation.number)}"),
        Fact("Outcome", outcome_words(operation), outcome_tone(operation.outcome)),
        Fact("Account", operation.account),
        Fact("Who", f"{actor.user}@{actor.host}{from_where}"),
        Fact("Reason", operation.reason or UNKNOWN),
        Fact("Began", clock(operation.started_at)),
        Fact("Ended", clock(operation.finished_at)),
    ]
    if operation.error:
        facts.append(Fact("Said", operation.error, "warn"))
    if operation.undoes:
        facts.append(Fact("Undoes", operation.undoes))
    facts.append(Fact("Operation", operation.id))
    facts.append(Fact("Batch", operation.batch))
    facts.extend(_states("Asked", operation.before, operation.after))
    if operation.seen is not None and operation.seen != operation.after:
        facts.extend(_states("Read back", operation.before, operation.seen))
    return facts


def _states(title: str, before: OwnedNumber | None, after: OwnedNumber | None) -> list[Fact]:
    if before is None or after is None:
        return []
    lines = change_lines(before, after) or []
    said = [Fact(line.label, line.text) for line in lines] or [Fact("", "no change", "dim")]
    return [Fact(HEADING, f"{title}: before -> after"), *said]
