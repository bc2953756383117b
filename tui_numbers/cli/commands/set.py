"""`set`: change any setting of numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completion import assignment_words, setting_words
from tui_numbers.cli.deferred import input_parsing, lookup, planning, writes
from tui_numbers.cli.options import command, until_options, write_options
from tui_numbers.domain.operations import Action
from tui_numbers.domain.text import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.domain.e164 import E164
    from tui_numbers.domain.numbers import OwnedNumber
    from tui_numbers.providers.contract import ProviderInfo
    from tui_numbers.services.planning import OwnedElsewhere, Plan
    from tui_numbers.services.workspace import Workspace


@command(
    "set",
    help="Change any setting of numbers; see what there is with: tui-numbers show NUMBER. "
    "NUMBER can be - for standard input or @FILE: a number a line, or the first column of CSV.",
    examples=(
        "set +61255506170 friendly='Night desk' recording=call --yes",
        "set +447400906170 --clear application --dry-run",
    ),
)
@click.argument(
    "words",
    metavar="NUMBER… KEY=VALUE…",
    nargs=-1,
    required=True,
    shell_complete=assignment_words,
)
@click.option(
    "--clear",
    "cleared",
    multiple=True,
    metavar="KEY",
    help="Remove what is stored.",
    shell_complete=setting_words,
)
@until_options
@write_options
@click.pass_obj
def set_command(
    flags: Flags, /, words: tuple[str, ...], cleared: tuple[str, ...], **options: Any
) -> int:
    """Change settings."""
    numbers = tuple(word for word in words if "=" not in word or word.startswith("@"))
    assigned: dict[str, str] = {}
    for word in words:
        if word in numbers:
            continue
        key, equals, value = word.partition("=")
        if equals:
            if key in assigned:
                raise click.UsageError(f"{key} is set twice: leave one of them out")
            assigned[key] = value
    if not numbers:
        raise click.UsageError("name at least one NUMBER, such as +442079460000, before KEY=VALUE")
    if not assigned and not cleared:
        raise click.UsageError("nothing to change: add KEY=VALUE or --clear KEY")
    order = ChangeSettings(assigned, tuple(dict.fromkeys(cleared)))
    return writes.run_change(flags, numbers, order, options)


@dataclass(frozen=True)
class ChangeSettings:
    """Set and clear settings."""

    assigned: dict[str, str]
    cleared: tuple[str, ...]
    action = Action.SET

    @property
    def phones(self) -> Sequence[E164]:
        """The phone numbers among the values."""
        return lookup.phones_in(self.assigned.values())

    def check(self, workspace: Workspace, infos: Sequence[ProviderInfo]) -> None:
        """Raise ``InvalidInput`` where no provider has these settings with such values."""
        known = {setting.key for info in infos for setting in info.settings}
        for key in (*self.assigned, *self.cleared):
            if key not in known:
                raise input_parsing.InvalidInput(key, f"no setting {key!r}; {nearest(key, known)}")
        keys = {*self.assigned, *self.cleared}
        # Those that have the most of these settings have the most to say about them.
        had = {info.key: len(keys & {spec.key for spec in info.settings}) for info in infos}
        most = [info for info in infos if had[info.key] == max(had.values())]
        lookup.first_able(
            most, lambda info: input_parsing.read_change(info, self.assigned, self.cleared, None)
        )

    async def named_at(self, workspace: Workspace, accounts: Iterable[str]) -> ChangeSettings:
        """Return the same: values are written as they are stored."""
        return self

    def plan(self, workspace: Workspace, before: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan to change one number."""
        account = workspace.account(before.account)
        info = workspace.info(account)
        change = input_parsing.read_change(info, self.assigned, self.cleared, before.country)
        plan = planning.plan_set(account, info, before, change, others)
        notes = input_parsing.change_notes(info, self.assigned, before.country)
        return replace(plan, warnings=tuple(dict.fromkeys((*notes, *plan.warnings))))
