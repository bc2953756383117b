"""Retarget, edit, buy, release, undo: from a key to a verdict, a screen at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber, Target, TargetOption
from tui_numbers.domain.operations import JournalError, Operation
from tui_numbers.providers.contract import BuyTarget, PickerChoice
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import inventory, preview
from tui_numbers.services.batch import Batch
from tui_numbers.services.changes import Consent, Result
from tui_numbers.services.planning import Plan, plan_buy, plan_release, plan_retarget, plan_set
from tui_numbers.services.settle import settle
from tui_numbers.services.undo import CannotUndo, latest_undoable, prepare_undo
from tui_numbers.services.values import InvalidInput
from tui_numbers.ui.detail.form import FormScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen, OnStep, Question, Send
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.frame.status import Tone
from tui_numbers.ui.previews import batch_line, plan_lines, subject
from tui_numbers.ui.targets import RecentTargets, target_choices
from tui_numbers.ui.words import clock

if TYPE_CHECKING:
    from tui_numbers.domain.changes import Change
    from tui_numbers.ui.app import Dashboard

_TYPE_COUNT_ABOVE = 5
_NO_TARGET = Target("", "")


class Flows:
    """What the keys begin; each runs in a worker of its own."""

    def __init__(self, app: "Dashboard") -> None:
        self._app = app
        self._workspace = app.session.workspace
        self._changes = app.session.changes
        self._recent = RecentTargets()

    async def retarget(self, numbers: Sequence[OwnedNumber]) -> None:
        """Pick a target for numbers of one provider, confirm, send, show the verdict."""
        providers = {number.provider for number in numbers}
        if len(providers) > 1:
            self._app.say(
                "the marked numbers are at several providers, whose targets differ: "
                "mark those of one provider",
                Tone.WARN,
            )
            return
        info = self._workspace.info(numbers[0].account)
        title = f"Calls of {subject_of(numbers)} go to"
        target = await self._pick_target(numbers, title)
        if target is None:
            return
        plans = []
        for number in numbers:
            account = self._workspace.account(number.account)
            try:
                plan = plan_retarget(account, info, number, target, others=self._app.find_owned)
            except InvalidInput as error:
                self._app.say(str(error), Tone.BAD)
                return
            plans.append(plan)
        self._recent.use(info.key, target)
        await self._confirm_changes(plans, "Retarget")

    async def _pick_target(
        self, numbers: Sequence[OwnedNumber], title: str, first: Sequence[Choice] = ()
    ) -> Target | None:
        account = self._workspace.account(numbers[0].account)
        info = self._workspace.info(account)
        options = list(self._app.known_targets(account.name))

        def search(text: str) -> list[Choice]:
            found = target_choices(info, numbers, options, self._recent.of(info.key), text)
            return [*(() if text else first), *found]

        kinds = ", ".join(f"{kind.key}:…" for kind in info.target_kinds)
        picker = PickerScreen(title, search, hint=f"part of a name, or {kinds}")
        loading = asyncio.create_task(self._load_targets(picker, account.name, numbers[0], options))
        try:
            picked: Target | None = await self._app.push_screen_wait(picker)
        finally:
            loading.cancel()
        return picked

    async def _load_targets(
        self, picker: PickerScreen, name: str, number: OwnedNumber, options: list[TargetOption]
    ) -> None:
        """Ask for the targets of this very number, and show them when they come."""
        account = self._workspace.account(name)
        note = ""
        try:
            found = await inventory.list_targets(self._workspace, account, number)
            options[:] = found
        except ProviderError as error:
            note = f"targets cannot be listed: {error}"
            self._app.log_line(f"{name}: {note}")
        if picker.is_attached:
            picker.show_choices(note)

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
                    if one.target.kind in spec.target_kinds
                )
        loading = asyncio.create_task(self._load_choices(number, choices))
        form = FormScreen(number, info, lambda key: choices.get(key, ()))
        try:
            change: Change | None = await self._app.push_screen_wait(form)
        finally:
            loading.cancel()
        if change is None:
            return
        try:
            plan = plan_set(account, info, number, change, others=self._app.find_owned)
        except InvalidInput as error:
            self._app.say(str(error), Tone.BAD)
            return
        await self._confirm_changes([plan], "Change")

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

    async def _confirm_changes(self, plans: list[Plan], verb: str) -> None:
        """Show before -> after, ask once, send, and show what came of it."""
        try:
            plans = [await preview.with_provider_warnings(self._workspace, plan) for plan in plans]
        except ProviderError as error:
            self._app.say(str(error), Tone.BAD)
            return
        several = len(plans) > 1
        production = {plan.account.name for plan in plans if plan.account.production}
        consent = Consent(given=True, production=frozenset(production))
        refusals = [self._changes.refusal(plan, consent, "-", several=several) for plan in plans]
        counted = len(plans) > _TYPE_COUNT_ABOVE
        question = Question(
            title=f"{verb} {f'{len(plans)} numbers' if several else subject(plans[0])}",
            lines=plan_lines(plans[0]) if not several else [batch_line(plan) for plan in plans],
            verb=verb.partition(" ")[0],
            badge="PRODUCTION" if production else "",
            forbidden=all(refusals),
            type_this=str(len(plans)) if counted else "",
            type_hint=f"type {len(plans)} to confirm" if counted else "",
            dangerous=bool(production) and not counted,
            reason_required=any(plan.account.require_reason for plan in plans),
            undo_hint="u puts it back" if not several else "",
        )

        async def send(reason: str, on_step: OnStep) -> list[Result]:
            batch = Batch(self._changes, plans, consent, reason)
            return await batch.run(on_step=lambda plan, step: on_step(step))

        await self._ask(question, send)

    async def _ask(self, question: Question, send: Send) -> list[Result] | None:
        """Ask, and let everything that shows numbers know what came of it."""

        async def recorded(reason: str, on_step: OnStep) -> list[Result]:
            results = await self._app.writes.run(send(reason, on_step))
            self._app.take_results(results)
            return results

        return await self._app.push_screen_wait(ConfirmScreen(question, recorded))

    async def buy(self, stock: AvailableNumber) -> None:
        """Show what it costs, ask, buy, read back."""
        account = self._workspace.account(stock.account)
        info = self._workspace.info(account)
        seen = owned_stand_in(stock)
        later = [Choice(_NO_TARGET, "nowhere yet: set it later", "default")]
        first = later if info.buy_target is BuyTarget.AFTERWARDS else []
        target = await self._pick_target([seen], f"Calls of {stock.number} go to", first)
        if target is None:
            return
        plan = plan_buy(account, info, stock, None if target == _NO_TARGET else target)
        known = await preview.purse(self._workspace, account)
        lines = plan_lines(plan)
        balance = str(known.balance) if known.balance else "unknown"
        lines.insert(3, type(lines[0])("balance", balance))
        lines.extend(
            type(lines[0])("!", text, "warn")
            for text in preview.purchase_warnings(info, stock, known)
        )
        production = frozenset({account.name}) if account.production else frozenset[str]()
        consent = Consent(given=True, production=production)
        question = Question(
            title=f"Buy {subject(plan)}",
            lines=lines,
            verb="Buy",
            badge="PRODUCTION" if account.production else "",
            forbidden=self._changes.refusal(plan, consent, "-", several=False) is not None,
            dangerous=account.production,
            reason_required=account.require_reason,
        )

        async def send(reason: str, on_step: OnStep) -> list[Result]:
            return await self._changes.buy(
                plan, consent, reason=reason, on_step=lambda _plan, step: on_step(step)
            )

        await self._ask(question, send)

    async def release(self, number: OwnedNumber) -> None:
        """Have the last four digits typed, then give the number up."""
        account = self._workspace.account(number.account)
        info = self._workspace.info(account)
        plan = plan_release(account, info, number)
        production = frozenset({account.name}) if account.production else frozenset[str]()
        consent = Consent(given=True, production=production, released=frozenset({plan.number}))
        last = number.number[-4:]
        question = Question(
            title=f"Release {subject(plan)}",
            lines=plan_lines(plan),
            verb="Release",
            badge="PRODUCTION" if account.production else "",
            forbidden=self._changes.refusal(plan, consent, "-", several=False) is not None,
            type_this=last,
            type_hint="type the last four digits of the number",
            dangerous=True,
            reason_required=account.require_reason,
        )

        async def send(reason: str, on_step: OnStep) -> list[Result]:
            return [
                await self._changes.apply(
                    plan, consent, reason=reason, on_step=lambda _plan, step: on_step(step)
                )
            ]

        await self._ask(question, send)

    async def undo(self, number: OwnedNumber | None, operation: Operation | None) -> None:
        """Put an operation back: the one given, or the latest on the number."""
        try:
            if operation is None and number is not None:
                operation = await latest_undoable(
                    self._changes.journal, number.account, number.number
                )
            if operation is None:
                self._app.say("nothing was changed from here that could be put back", Tone.WARN)
                return
            plan = await prepare_undo(self._workspace, operation)
        except (CannotUndo, ProviderError, JournalError) as error:
            self._app.say(f"not undone: {error}", Tone.WARN)
            return
        plan = self._named(plan)
        when = clock(operation.started_at)
        await self._confirm_changes([plan], f"Undo the {operation.action} of {when}:")

    def _named(self, plan: Plan) -> Plan:
        """Return a plan whose targets have their names, where they are known."""
        options = self._app.known_targets(plan.account.name)
        seen, after = (
            inventory.with_labels(number, options) if number is not None else None
            for number in (plan.seen, plan.after)
        )
        return replace(plan, seen=seen, after=after)

    async def settle(self, operation: Operation) -> None:
        """Read again what an operation whose outcome is unknown was to change."""
        try:
            problem = await settle(self._workspace, self._changes.journal, operation)
        except JournalError as error:
            problem = str(error)
        if problem is None:
            self._app.say(f"{operation.number}: read again and settled", Tone.GOOD)
        else:
            self._app.say(f"{operation.number} stays unknown: {problem}", Tone.WARN)
        self._app.main.action_refresh()


def subject_of(numbers: Sequence[OwnedNumber]) -> str:
    """Return how several numbers are spoken of."""
    return numbers[0].number if len(numbers) == 1 else f"{len(numbers)} numbers"


def owned_stand_in(stock: AvailableNumber) -> OwnedNumber:
    """Return the number that a purchase would make, for the target picker."""
    from datetime import UTC, datetime

    return OwnedNumber(
        account=stock.account,
        provider=stock.provider,
        id="",
        number=stock.number,
        country=stock.country,
        type=stock.type,
        capabilities=stock.capabilities,
        status=None,
        name=None,
        region=stock.region,
        city=stock.city,
        monthly_cost=stock.monthly_cost,
        routing={},
        settings={},
        created_at=None,
        updated_at=None,
        seen_at=datetime.now(UTC),
    )
