"""Shared by every flow: pick a target, confirm once, send and tell."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tui_numbers.domain.e164 import international, looks_like_number
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target, TargetOption
from tui_numbers.providers.contract import ProviderInfo, SettingSpec
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import inventory
from tui_numbers.services.input_parsing import InvalidInput, read_target
from tui_numbers.services.planning import Consent, Plan, Result
from tui_numbers.services.preview import Preview
from tui_numbers.services.routing import carries, channel_for
from tui_numbers.services.settling import to_agree_to, words
from tui_numbers.ui.dialogs.confirm import ConfirmScreen, OnStep, Question, Send, Then
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.frame import Tone
from tui_numbers.wording.plans import Line, refusal_line, result_lines
from tui_numbers.wording.values import target_words

if TYPE_CHECKING:
    from tui_numbers.ui.app import Dashboard


_MOST_RECENT = 5


@dataclass
class RecentTargets:
    """Targets used in this session, the latest first, by provider."""

    _used: dict[str, list[Target]] = field(default_factory=dict)

    def use(self, provider: str, target: Target) -> None:
        """Remember a target."""
        known = [one for one in self._used.get(provider, []) if one != target]
        self._used[provider] = [replace(target, notes=()), *known][:_MOST_RECENT]

    def of(self, provider: str) -> Sequence[Target]:
        """Return what was used at a provider."""
        return self._used.get(provider, [])


def target_choices(
    info: ProviderInfo,
    numbers: Sequence[OwnedNumber],
    options: Sequence[TargetOption],
    recent: Sequence[Target],
    text: str,
) -> list[Choice]:
    """Return what ``text`` may mean as a target of ``numbers``, best first."""
    home = numbers[0].country if len({number.country for number in numbers}) == 1 else None
    wanted = text.strip().casefold().split()
    choices: list[Choice] = []
    present: list[Choice] = []
    taken: set[tuple[str, str]] = set()

    def offer(target: Target, note: str) -> None:
        words = f"{target_words(target)} {target.value}".casefold()
        key = (target.kind, target.value)
        if key not in taken and all(word in words for word in wanted):
            taken.add(key)
            if all(number.routing.get(Channel.VOICE) == target for number in numbers):
                present.append(Choice(target, target_words(target), "now"))
            else:
                choices.append(Choice(target, target_words(target), note))

    listed = {one.target: one for one in options}
    for target in recent:
        option = listed.get(target)
        if option is None or _is_served(info, option):
            offer(option.target if option else target, "used lately")
    for option in options:
        if _is_served(info, option):
            offer(option.target, " ".join(option.channels))
    choices.extend(present)
    typed = _typed(info, text, home, listed)
    if typed is not None and not typed.enabled:
        # Why it cannot be taken matters where it was meant as it stands, or nothing else fits.
        if not choices or ":" in text or ("+" in text and looks_like_number(text)):
            choices.append(typed)
    elif typed is not None and (typed.value.kind, typed.value.value) not in taken:
        # What is complete as it stands is meant, before anything that it is a part of.
        choices.insert(0, typed)
    return choices


def fits(option: TargetOption, spec: SettingSpec, number: OwnedNumber) -> bool:
    """Tell whether a target can serve something that the setting delivers of this number."""
    return any(channel in option.channels and carries(number, channel) for channel in spec.channels)


def _is_served(info: ProviderInfo, option: TargetOption) -> bool:
    """Tell whether a target takes what a retarget to it sends there."""
    return channel_for(info, option.target, None) in option.channels


def _typed(
    info: ProviderInfo, text: str, home: str | None, listed: Mapping[Target, TargetOption]
) -> Choice | None:
    if not text.strip():
        return None
    try:
        target = read_target(info, text, home)
    except InvalidInput as error:
        return Choice(None, str(error), "", enabled=False)
    option = listed.get(target)
    if option is not None and not _is_served(info, option):
        taken = " and ".join(option.channels) or "nothing"
        problem = f"{target_words(option.target)} takes {taken} alone"
        return Choice(None, problem, "", enabled=False)
    return Choice(target, target_words(target), "; ".join(target.notes) or "as typed")


PROGRAM_FAILED = "the program failed; History keeps what is known of this"


class Asking:
    """The questions that flows are made of."""

    def __init__(self, app: "Dashboard") -> None:
        self._app = app
        self._workspace = app.session.workspace
        self._changes = app.session.changes
        self._recent = RecentTargets()

    async def pick_target(
        self, numbers: Sequence[OwnedNumber], title: str, first: Sequence[Choice] = ()
    ) -> Target | None:
        """Let the person pick where numbers of one provider shall point."""
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
        if picker.stands:
            picker.show_choices(note)

    def preview(self) -> Preview:
        """Return what adds to plans what providers and the journal know."""
        return Preview(self._workspace, self._changes.journal)

    def second(self, plans: Sequence[Plan]) -> str:
        """Return what is asked once more before plans are sent; empty for nothing."""
        found = [one for plan in plans for one in to_agree_to(plan)]
        if not found:
            return ""
        more = f", and {len(found) - 1} more like it" if found[1:] else ""
        return f"{words(found[0])}{more}: o sends all the same, Enter or Esc does not"

    def consent(self, plans: Sequence[Plan], *, release: bool = False) -> Consent:
        """Return what the person agrees to by confirming these plans, twice where that is asked."""
        production = frozenset(plan.account.name for plan in plans if plan.account.production)
        released = frozenset(plan.number for plan in plans) if release else frozenset()
        over = frozenset(one.id for plan in plans for one in to_agree_to(plan))
        return Consent(given=True, production=production, released=released, over=over)

    def refusals(self, plans: Sequence[Plan], consent: Consent) -> list[str | None]:
        """Return for each plan why the rules forbid it, or None; a reason can still be given."""
        several = len(plans) > 1
        return [self._changes.refusal(plan, consent, "-", several=several) for plan in plans]

    def refusal_lines(self, plans: Sequence[Plan], consent: Consent) -> list[Line]:
        """Return the line that says why one plan is refused, where the plan does not itself."""
        refused = self.refusals(plans, consent)[0]
        return [refusal_line(refused)] if refused and plans[0].refusal is None else []

    async def ask(self, question: Question, send: Send) -> tuple[list[Result], Then]:
        """Ask; return what came of it, and what the person wants then."""

        async def send_and_tell(reason: str, on_step: OnStep) -> list[Result]:
            try:
                results = await send(reason, on_step)
            except Exception as error:  # noqa: BLE001 - one write must not end the others
                self._app.say(f"{PROGRAM_FAILED} ({type(error).__name__})", Tone.BAD)
                return []
            self._app.take_results(results)
            if not screen.is_active:
                self._tell_behind(results)
            return results

        async def sheltered(reason: str, on_step: OnStep) -> list[Result]:
            return await self._app.writes.run(send_and_tell(reason, on_step))

        screen = ConfirmScreen(question, sheltered)
        results = await self._app.push_screen_wait(screen)
        return results or [], screen.then

    def _tell_behind(self, results: Sequence[Result]) -> None:
        """Say what came of a write whose dialog was left."""
        for result in results:
            lines = result_lines(result)
            tone = {"good": Tone.GOOD, "bad": Tone.BAD}.get(lines[0].tone, Tone.WARN)
            words = "; ".join(line.text for line in lines)
            self._app.say(f"{result.plan.action} {international(result.plan.number)} {words}", tone)
