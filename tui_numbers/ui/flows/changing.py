"""Retarget, edit, undo, settle: what is done to numbers that are owned."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.providers.contract import PickerChoice
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.planning import Consent, Plan, Result, plan_retarget, plan_set
from tui_numbers.services.routing import Labels
from tui_numbers.services.settling import settle
from tui_numbers.services.undo import CannotUndo, latest_undoable, look_again, prepare_undo
from tui_numbers.ui.detail.form import FormScreen
from tui_numbers.ui.dialogs.confirm import OnStep, Question, Then
from tui_numbers.ui.flows.confirming import Asking, fits
from tui_numbers.ui.frame import Tone
from tui_numbers.wording.plans import batch_line, plan_lines, shared_warnings, subject
from tui_numbers.wording.values import time_of_day

if TYPE_CHECKING:
    from tui_numbers.domain.changes import Change

TYPE_COUNT_ABOVE = 5
"""How many numbers are changed together without their count being typed."""

Replan = Callable[[OwnedNumber], Plan]
"""Plans the same again, from what a number was found to be."""


class Changing(Asking):
    """Flows over owned numbers."""

    async def retarget(self, numbers: Sequence[OwnedNumber]) -> None:
        """Pick a target for numbers of one provider, confirm, send, show the verdict."""
        if len({number.provider for number in numbers}) > 1:
            self._app.say(
                "marked at several providers, whose targets differ: mark those of one",
                Tone.WARN,
            )
            return
        info = self._workspace.info(numbers[0].account)
        target = await self.pick_target(numbers, f"Calls of {subject_of(numbers)} go to")
        if target is None:
            return

        def plan(number: OwnedNumber) -> Plan:
            account = self._workspace.account(number.account)
            return plan_retarget(account, info, number, target, others=self._app.find_owned)

        self._recent.use(info.key, target)
        await self._change(numbers, plan, "Retarget")

    async def edit(self, number: OwnedNumber) -> None:
        """Edit the settings of a number in a form, then confirm as ever."""
        account = self._workspace.account(number.account)
        info = self._workspace.info(account)
        choices: dict[str, tuple[PickerChoice, ...]] = {}
        options = self._app.known_targets(account.name)
        for spec in info.settings:
            if spec.target_kinds:
                choices[spec.key] = tuple(
                    PickerChoice(one.target.text, one.target.label or one.target.value)
                    for one in options
                    if one.target.kind in spec.target_kinds and fits(one, spec, number)
                )
        loading = asyncio.create_task(self._load_choices(number, choices))
        form = FormScreen(number, info, lambda key: choices.get(key, ()))
        try:
            change: Change | None = await self._app.push_screen_wait(form)
        finally:
            loading.cancel()
        if change is not None:
            plan = partial(self._plan_set, change=change)
            await self._change([number], plan, "Change")

    def _plan_set(self, number: OwnedNumber, change: "Change") -> Plan:
        account = self._workspace.account(number.account)
        info = self._workspace.info(account)
        return plan_set(account, info, number, change, others=self._app.find_owned)

    async def _load_choices(
        self, number: OwnedNumber, choices: dict[str, tuple[PickerChoice, ...]]
    ) -> None:
        info = self._workspace.info(number.account)
        for spec in info.settings:
            if not spec.picker:
                continue
            try:
                client = await self._workspace.client(number.account)
                choices[spec.key] = await client.choices_for(spec.key, number)
            except ProviderError as error:
                self._app.log_line(f"{number.account}: {spec.label}: {error}")

    async def _change(self, numbers: Sequence[OwnedNumber], plan: Replan, verb: str) -> None:
        """Plan, ask and send; and again for what was found changed, for as long as asked."""
        while numbers:
            try:
                plans = [plan(number) for number in numbers]
                preview = self.preview()
                plans = [await preview.of(one) for one in plans]
            except (InvalidInput, ProviderError) as error:
                self._app.say(str(error), Tone.BAD)
                return
            results, then = await self._confirm(plans, verb, goes_on=True)
            found = [result.current for result in results if result.current is not None]
            numbers = [self.named(number) for number in found] if then is Then.GO_ON else []
            if then is Then.UNDO:
                await self._undo_result(results[0])

    async def _confirm(
        self, plans: list[Plan], verb: str, *, goes_on: bool
    ) -> tuple[list[Result], Then]:
        """Show before -> after, ask once, send, and show what came of it."""
        consent = self.consent(plans)
        question = self._question(plans, consent, verb, goes_on=goes_on)
        places = {id(plan): place for place, plan in enumerate(plans)}
        batch = Batch(self._changes, plans, consent)

        async def send(reason: str, on_step: OnStep) -> list[Result]:
            batch.reason = reason
            return await batch.run(
                on_result=lambda place, result: on_step(place, result.outcome.value),
                on_step=lambda plan, step: on_step(places[id(plan)], step),
            )

        return await self.ask(replace(question, stop=batch.cancel), send)

    def _question(
        self, plans: list[Plan], consent: Consent, verb: str, *, goes_on: bool
    ) -> Question:
        several = len(plans) > 1
        refusals = self.refusals(plans, consent)
        counted = len(plans) > TYPE_COUNT_ABOVE
        if several:
            lines = [batch_line(*entry) for entry in zip(plans, refusals, strict=True)]
        else:
            lines = [*plan_lines(plans[0]), *self.refusal_lines(plans, consent)]
        return Question(
            title=f"{verb} {f'{len(plans)} numbers' if several else subject(plans[0])}",
            lines=lines,
            verb=verb.partition(" ")[0],
            badge="PRODUCTION" if consent.production else "",
            forbidden=all(refusals),
            type_this=str(len(plans)) if counted else "",
            type_hint=f"type {len(plans)} to confirm" if counted else "",
            dangerous=bool(consent.production) and not counted,
            reason_required=any(plan.account.require_reason for plan in plans),
            undo_hint="" if several else "u puts it back",
            notes=shared_warnings(plans) if several else (),
            several=several,
            goes_on=goes_on,
            second=self.second(plans),
        )

    async def undo(self, number: OwnedNumber | None, operation: Operation | None) -> None:
        """Put an operation back: the one given, or the latest on the number."""
        then = Then.GO_ON
        while then is Then.GO_ON:
            try:
                with self._reading(number):
                    operation = await self._latest(number, operation)
                    plan = await self._prepared_undo(operation)
            except (CannotUndo, ProviderError, JournalError) as error:
                self._app.say(f"not undone: {error}", Tone.WARN)
                return
            if operation is None or plan is None:
                self._app.say("nothing was changed from here that could be put back", Tone.WARN)
                return
            verb = f"Undo the {operation.action} of {time_of_day(operation.started_at)}:"
            results, then = await self._confirm([plan], verb, goes_on=True)
        if then is Then.UNDO:
            await self._undo_result(results[0])

    def _reading(self, number: OwnedNumber | None) -> AbstractContextManager[None]:
        """Say while the block runs that a number is read afresh, where its row is looked at."""
        if number is None:
            return nullcontext()
        return self._app.saying(f"reading {international(number.number)} afresh; Esc stops")

    async def _latest(
        self, number: OwnedNumber | None, operation: Operation | None
    ) -> Operation | None:
        """Return what is to be put back, as the journal has it once it was looked at again."""
        journal = self._changes.journal
        if operation is not None:
            (operation,) = await look_again(self._workspace, journal, [operation])
            return operation
        if number is None:
            return None
        return await latest_undoable(self._workspace, journal, number.account, number.number)

    async def _prepared_undo(self, operation: Operation | None) -> Plan | None:
        """Return the plan that puts an operation back, with the names of its targets."""
        if operation is None:
            return None
        plan = await prepare_undo(self._workspace, operation)
        plan = await self.preview().of(plan)
        return self.named_plan(plan)

    def named_plan(self, plan: Plan) -> Plan:
        """Return a plan with the names of its targets."""
        before, requested = (
            self.named(one) if one else None for one in (plan.before, plan.requested)
        )
        return replace(plan, before=before, requested=requested)

    async def _undo_result(self, result: Result) -> None:
        """Put back what was just done, wherever the cursor is by now."""
        journal = self._changes.journal
        operation = await asyncio.to_thread(journal.get, result.operation)
        if operation is not None:
            await self.undo(None, operation)

    def named(self, number: OwnedNumber) -> OwnedNumber:
        """Return a number whose targets have their names, where they are known."""
        options = self._app.known_targets(number.account)
        return Labels(option.target for option in options).on(number)

    async def settle(self, operation: Operation) -> None:
        """Read again what an operation was to change that came to no certain end."""
        with self._app.saying(f"reading {international(operation.number)} again; Esc stops"):
            try:
                problem = await settle(self._workspace, self._changes.journal, operation)
            except JournalError as error:
                problem = str(error)
        if problem is None:
            self._app.say(f"{international(operation.number)}: read again and settled", Tone.GOOD)
        else:
            stays = f"{international(operation.number)} stays {operation.outcome}"
            self._app.say(f"{stays}: {problem}", Tone.WARN)
        self._app.main.action_refresh()


def subject_of(numbers: Sequence[OwnedNumber]) -> str:
    """Return how several numbers are spoken of."""
    if len(numbers) == 1:
        return international(numbers[0].number)
    return f"{len(numbers)} numbers"
