"""`retarget`: deliver a channel of numbers to another target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completion import kind_words
from tui_numbers.cli.deferred import input_parsing, inventory, lookup, planning, writes
from tui_numbers.cli.options import command, until_options, write_options
from tui_numbers.domain.numbers import Channel
from tui_numbers.domain.operations import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.domain.e164 import E164
    from tui_numbers.domain.numbers import OwnedNumber, Target
    from tui_numbers.providers.contract import ProviderInfo
    from tui_numbers.services.planning import OwnedElsewhere, Plan
    from tui_numbers.services.workspace import Workspace


@command(
    "retarget",
    help="Send calls (or messages) of numbers elsewhere, and read back that they go there. "
    "NUMBER can be - for standard input or @FILE: a number a line, or the first column of CSV.",
    examples=(
        "retarget +447400906170 --to phone:+442079460999 --dry-run",
        "retarget +447400906170 --to phone:+442079460999 --yes",
        "retarget +61255506170 +447400906170 --to +442079460999 --yes",
        "retarget +447400906170 --to 'application:Support IVR' --dry-run",
    ),
)
@click.argument("numbers", metavar="NUMBER…", nargs=-1, required=True)
@click.option(
    "--to",
    "to",
    required=True,
    metavar="TARGET",
    help="KIND:VALUE or KIND:NAME (see: tui-numbers targets), a number, or a name of [people].",
    shell_complete=kind_words,
)
@click.option("--channel", type=click.Choice(["voice", "sms"]), help="Default: voice.")
@until_options
@write_options
@click.pass_obj
def retarget(
    flags: Flags, /, numbers: tuple[str, ...], to: str, channel: str | None, **options: Any
) -> int:
    """Retarget numbers."""
    return writes.run_change(flags, numbers, Retarget(to, channel), options)


@dataclass(frozen=True)
class Retarget:
    """Point a channel at a target."""

    to: str
    channel: str | None
    named: Mapping[str, Target] = field(default_factory=dict)
    """By account, the target that has the name which was typed."""
    action = Action.RETARGET

    @property
    def phones(self) -> Sequence[E164]:
        """The phone number in the target."""
        return lookup.phones_in([self.to, *(target.value for target in self.named.values())])

    def check(self, workspace: Workspace, infos: Sequence[ProviderInfo]) -> None:
        """Raise ``InvalidInput`` where no provider can point at the target."""
        people = workspace.config.people
        # Those that know the kind have more to say about its value than the others.
        knowing = [info for info in infos if input_parsing.knows_kind(info, self.to)]
        for info in knowing or infos:
            person = input_parsing.person_target(info, people, self.to)
            if person is not None or input_parsing.listed_name(info, self.to):
                return
        lookup.first_able(knowing or infos, lambda info: input_parsing.read_target(info, self.to))

    async def named_at(self, workspace: Workspace, accounts: Iterable[str]) -> Retarget:
        """Return the same with the targets that have this name at these accounts."""
        named = dict(self.named)
        for name in accounts:
            info = workspace.info(name)
            person = input_parsing.person_target(info, workspace.config.people, self.to)
            if person is not None:
                named[name] = person
            elif input_parsing.listed_name(info, self.to):
                options = await inventory.list_targets(workspace, workspace.account(name))
                found = input_parsing.target_called(info, options, self.to, name)
                if found is not None:
                    named[name] = found
        return replace(self, named=named)

    def plan(self, workspace: Workspace, before: OwnedNumber, others: OwnedElsewhere) -> Plan:
        """Plan to point one number there."""
        account = workspace.account(before.account)
        info = workspace.info(account)
        target = self.named.get(account.name)
        if target is None:
            target = input_parsing.read_target(info, self.to, before.country)
        channel = Channel(self.channel) if self.channel else None
        return planning.plan_retarget(account, info, before, target, channel, others)
