"""Retarget numbers, or edit the settings of one."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.contract import PickerChoice
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.planning import Plan, plan_retarget, plan_set
from tui_numbers.ui.detail.edit_form import FormScreen
from tui_numbers.ui.dialogs.confirm import Then
from tui_numbers.ui.flows.confirmation import (
    confirm_batch,
    consent_to,
    preview_in,
    question_about_all,
)
from tui_numbers.ui.flows.from_history import named, subject_of, undo_results
from tui_numbers.ui.flows.target_picker import fits, listed_by_all, pick_target, problem_words
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection

if TYPE_CHECKING:
    from tui_numbers.domain.changes import Change

Replan = Callable[[OwnedNumber], Plan]
"""Plans the same again, from what a number was found to be."""


async def retarget(host: Host, chosen: Selection) -> None:
    """Pick a target for numbers of one provider, confirm, send, show the verdict."""
    numbers = chosen.owned
    if not _of_one_provider(host, numbers):
        return
    workspace = host.session.workspace
    info = workspace.info(numbers[0].account)
    target = await pick_target(host, numbers, f"Calls of {subject_of(numbers)} go to")
    if target is None:
        return

    def plan(number: OwnedNumber) -> Plan:
        account = workspace.account(number.account)
        return plan_retarget(account, info, number, target, others=host.find_owned)

    host.recent_targets.use(info.key, target)
    await _change(host, numbers, plan, "Retarget")


async def edit(host: Host, chosen: Selection) -> None:
    """Edit the settings of numbers of one provider in a form, then confirm as ever."""
    numbers = chosen.owned
    if not _of_one_provider(host, numbers):
        return
    workspace = host.session.workspace
    info = workspace.info(numbers[0].account)
    choices: dict[str, tuple[PickerChoice, ...]] = {}
    options = listed_by_all(host, numbers)
    for spec in info.settings:
        if spec.target_kinds:
            choices[spec.key] = tuple(
                PickerChoice(spec.text_of(one.target), one.target.label or one.target.value)
                for one in options
                if one.target.kind in spec.target_kinds
                and all(fits(one, spec, number) for number in numbers)
            )
    loading = asyncio.create_task(_load_choices(host, numbers, choices))
    form = FormScreen(numbers, info, lambda key: choices.get(key, ()))
    try:
        change: Change | None = await host.push_screen_wait(form)
    finally:
        loading.cancel()
    if change is not None:
        await _change(host, numbers, partial(_plan_set, host, change=change), "Change")


def _of_one_provider(host: Host, numbers: Sequence[OwnedNumber]) -> bool:
    """Tell whether numbers are of one provider, whose targets and settings they share; say so."""
    providers = {number.provider for number in numbers}
    if len(providers) > 1:
        host.say("marked at several providers: mark those of one provider", Tone.WARN)
    return len(providers) == 1


def _plan_set(host: Host, number: OwnedNumber, change: "Change") -> Plan:
    workspace = host.session.workspace
    account = workspace.account(number.account)
    return plan_set(account, workspace.info(account), number, change, others=host.find_owned)


async def _load_choices(
    host: Host, numbers: Sequence[OwnedNumber], choices: dict[str, tuple[PickerChoice, ...]]
) -> None:
    """Ask what an account lists for settings; several accounts share no such list."""
    workspace, number = host.session.workspace, numbers[0]
    if len({one.account for one in numbers}) > 1:
        return
    for spec in workspace.info(number.account).settings:
        if not spec.picker:
            continue
        try:
            client = await workspace.client(number.account)
            choices[spec.key] = await client.choices_for(spec.key, number)
        except ProviderError as error:
            host.log_line(f"{number.account}: {spec.label}: {error}")


async def _change(host: Host, numbers: Sequence[OwnedNumber], plan: Replan, verb: str) -> None:
    """Plan, ask and send; and again for what was found changed, for as long as asked."""
    while numbers:
        try:
            plans = [plan(number) for number in numbers]
            previewed = await preview_in(host).of_all(plans)
        except (InvalidInput, ProviderError) as error:
            host.say(problem_words(error), Tone.BAD)
            return
        plans = [one for one in previewed if isinstance(one, Plan)]
        problems = [one for one in previewed if isinstance(one, ProviderError)]
        if problems:
            host.say(problem_words(problems[0]), Tone.BAD)
            return
        consent = consent_to(plans)
        question = question_about_all(host, plans, consent, verb, goes_on=True)
        batch = Batch(host.session.writer, plans, consent)
        results, then = await confirm_batch(host, question, batch)
        found = [result.current for result in results if result.current is not None]
        numbers = [named(host, number) for number in found] if then is Then.GO_ON else []
        if then is Then.UNDO:
            await undo_results(host, results)
