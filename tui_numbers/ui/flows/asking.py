"""What every flow shares: picking a target, and one confirmation that sends and tells."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import OwnedNumber, Target, TargetOption
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import inventory
from tui_numbers.services.changes import Consent, Result
from tui_numbers.services.planning import Plan
from tui_numbers.services.unsettled import to_agree_to, with_unsettled, words
from tui_numbers.ui.dialogs.confirm import ConfirmScreen, OnStep, Question, Send, Then
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.frame.status import Tone
from tui_numbers.ui.previews import Line, result_lines
from tui_numbers.ui.targets import RecentTargets, target_choices

if TYPE_CHECKING:
    from tui_numbers.ui.app import Dashboard

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

    async def with_unsettled(self, plans: Sequence[Plan]) -> list[Plan]:
        """Return plans with what the journal holds open on their numbers."""
        journal = self._changes.journal
        return [await with_unsettled(self._workspace, journal, plan) for plan in plans]

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
        return [Line("refused", refused, "bad")] if refused and plans[0].refusal is None else []

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
