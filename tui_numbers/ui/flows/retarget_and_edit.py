"""Retarget numbers, or edit their settings in a form made from what their provider declares."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static

from tui_numbers.domain.changes import Change, Edit
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers.contract import PickerChoice, ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.planning import Plan, plan_retarget, plan_set
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.dialogs.confirm import Then
from tui_numbers.ui.dialogs.dialog import Dialog
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.flows.confirmation import (
    confirm_batch,
    consent_to,
    named,
    preview_in,
    question_about_all,
)
from tui_numbers.ui.flows.from_history import subject_of, undo_results
from tui_numbers.ui.flows.target_picker import fits, listed_by_all, pick_target, problem_words
from tui_numbers.ui.form_fields import ChoiceField, SettingField, ShownSetting, Toggle
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.text import content
from tui_numbers.wording.values import setting_words

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


Listed = Callable[[str], Sequence[PickerChoice]]
"""Returns the values listed for a setting, as far as they are known."""


class FormScreen(Dialog[Change]):
    """Dismissed with the change that was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.FORM)

    def __init__(self, numbers: Sequence[OwnedNumber], info: ProviderInfo, listed: Listed) -> None:
        """Take the numbers of one provider that are to have the same values."""
        super().__init__()
        self._numbers = numbers
        self._info = info
        self._listed = listed

    def compose(self) -> ComposeResult:
        """Lay the form out: a field for every setting of the provider."""
        countries = {number.country for number in self._numbers}
        home = self._numbers[0].country if len(countries) == 1 else None
        with Vertical(classes="dialog form"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            with VerticalScroll(can_focus=False, classes="form-fields"):
                for spec in self._info.settings:
                    if not spec.settable:
                        words = {setting_words(number, spec.key) for number in self._numbers}
                        shown = words.pop() if len(words) == 1 else "differs from number to number"
                        yield ShownSetting(spec, shown)
                        continue
                    values = [number.settings.get(spec.key) for number in self._numbers]
                    name_of = partial(self._name_of, spec.key)
                    yield SettingField(self._info, spec, values, home, name_of)
            yield Static("", classes="form-help", markup=False)
            note = "Ctrl+S previews · Ctrl+T picks a value · Tab moves · Esc leaves"
            yield Static(note, classes="dialog-note", markup=False)

    @property
    def _title(self) -> str:
        accounts = ", ".join(dict.fromkeys(number.account for number in self._numbers))
        where = f"{accounts} ({self._info.title})"
        if len(self._numbers) == 1:
            return f"Edit {international(self._numbers[0].number)}  {where}"
        return f"Edit {len(self._numbers):,} numbers at once  {where}"

    def on_mount(self) -> None:
        """Begin in the first field."""
        for field in self.query(SettingField):
            field.check()

    def _name_of(self, key: str, value: str) -> str | None:
        """Return the name of a value, as listed or as the number's own delivery has it."""
        listed = {one.value: one.label for one in self._listed(key)}
        routed = {
            one.text: one.label
            for number in self._numbers
            for one in number.routing.values()
            if one is not None
        }
        name = listed.get(value) or routed.get(value)
        return name if name and not value.endswith(name) else None

    @property
    def _fields(self) -> list[SettingField]:
        return list(self.query(SettingField))

    @on(Input.Changed)
    @on(ChoiceField.Changed)
    @on(Toggle.Changed)
    def _check(self, event: Input.Changed | ChoiceField.Changed | Toggle.Changed) -> None:
        control = event.control
        field = next((one for one in self._fields if control in one.walk_children()), None)
        if field is not None:
            field.check()

    def on_descendant_focus(self) -> None:
        """Say what the field under the cursor is for."""
        field = self._current
        self.query_one(".form-help", Static).update(content(field.spec.help if field else ""))

    @property
    def _current(self) -> SettingField | None:
        focused = self.focused
        return next(
            (
                field
                for field in self._fields
                if focused is not None and focused in field.walk_children()
            ),
            None,
        )

    def action_save(self) -> None:
        """Hand the change over, if every field can be used."""
        edits: dict[str, Edit] = {}
        first_wrong: SettingField | None = None
        for field in self._fields:
            if not field.check():
                first_wrong = first_wrong or field
                continue
            try:
                edit = field.edit()
            except InvalidInput:
                continue
            if edit is not None:
                edits[field.spec.key] = edit
        if first_wrong is not None:
            first_wrong.query("Input, ChoiceField").first().focus()
            return
        if not edits:
            self.query_one(".form-help", Static).update(content("nothing is changed yet"))
            return
        self.leave(Change(edits))

    @work
    async def action_pick(self) -> None:
        """Pick a value for the field under the cursor."""
        field = self._current
        if field is None:
            return
        choices = [Choice(one.value, one.label, one.value) for one in self._listed(field.spec.key)]
        if not choices:
            self.query_one(".form-help", Static).update(
                content(f"nothing is listed for {field.spec.label}: type it")
            )
            return

        def search(text: str) -> list[Choice]:
            wanted = text.casefold()
            return [one for one in choices if wanted in f"{one.label} {one.value}".casefold()]

        picked = await self.app.push_screen_wait(PickerScreen(field.spec.label, search))
        if picked is not None:
            field.put(picked)

    @property
    def unsaved(self) -> str:
        """What was typed and not sent yet."""
        changed = [field for field in self._fields if field.has_class("-changed")]
        return ", ".join(field.spec.label for field in changed)

    @work
    async def action_leave(self) -> None:
        """Leave; asks before changes are dropped."""
        await self.leave_unsaved()
