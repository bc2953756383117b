"""Tell what needs a person: gather it, count it in one line, list it with the key that helps."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_numbers.ui.actions import ACTIONS
from tui_numbers.ui.frame import Part, Tone
from tui_numbers.ui.host import Host, InDashboard
from tui_numbers.ui.owned_store import OwnedStore, collection_paused, give_back_memory
from tui_numbers.ui.text import content, fit, measure

if TYPE_CHECKING:
    from tui_numbers.domain.numbers import Finding
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.temporary import End
    from tui_numbers.services.findings import Findings, Known
    from tui_numbers.services.session import Session
    from tui_numbers.ui.dialogs.picker import Choice

_REST_SECONDS = 0.3
"""How long nothing must have changed before numbers are judged anew."""

_COUNTED_ALONE = frozenset({"unknown", "overdue"})
"""Codes of findings that the line counts by words of their own."""


@dataclass(frozen=True)
class Attention:
    """What needs a person, as far as it is known."""

    operations: "Sequence[Operation]" = ()
    """Those whose outcome is open, newest first."""
    ends: "Sequence[End]" = ()
    """The open ends of temporary changes, earliest first."""
    missing: Sequence[tuple[str, str]] = ()
    """Accounts that could not be read, and why, in a word or two."""
    urgent: "Sequence[Finding]" = ()
    """What is wrong with numbers and cannot wait."""
    away: str = ""
    """Why the journal of the team cannot be reached, so that nothing can be changed."""

    def parts(self) -> tuple[Part, ...]:
        """Return the counts, those that matter most first; none where nobody is needed."""
        if self == NOTHING:
            # So it mostly is in the first frame, which waits for less then.
            return ()
        from tui_numbers.domain.operations import Outcome

        outcomes = [operation.outcome for operation in self.operations]
        unknown, pending = outcomes.count(Outcome.UNKNOWN), outcomes.count(Outcome.PENDING)
        overdue = sum(one.code == "overdue" for one in self.urgent)
        others = sum(one.code not in _COUNTED_ALONE for one in self.urgent)
        temporary = f"{len(self.ends):,} temporary" if self.ends else ""
        late = f"{overdue:,} overdue" if overdue else ""
        told = (
            ("journal away" if self.away else "", Tone.BAD),
            (f"{unknown:,} unknown" if unknown else "", Tone.BAD),
            (f"{pending:,} pending" if pending else "", Tone.WARN),
            (", ".join(filter(None, (temporary, late))), Tone.BAD if late else Tone.PLAIN),
            (missing_words(self.missing), Tone.BAD),
            (f"{others:,} finding{'s' if others > 1 else ''}" if others else "", Tone.WARN),
        )
        return tuple(Part(text, tone) for text, tone in told if text)


NOTHING = Attention()
"""Nothing needs a person."""


def missing_words(missing: Sequence[tuple[str, str]]) -> str:
    """Return which account could not be read and why, or how many; empty where all could."""
    if len(missing) == 1:
        return f"{missing[0][0]}: {missing[0][1]}"
    return f"{len(missing):,} accounts missing" if missing else ""


class AttentionChanged(Message):
    """What needs a person, or what is wrong with a number, is not what it was."""


class AttentionLine(InDashboard, Widget):
    """One line below the title, there only when something needs a person."""

    COMPONENT_CLASSES = {"attention-line--warn", "attention-line--bad"}  # noqa: RUF012 - Textual's own declaration

    def __init__(self, session: "Session", store: Callable[[], OwnedStore]) -> None:
        super().__init__()
        self._session = session
        self._store = store
        # A journal that is busy is read again, once the first frame is there.
        self.known = Attention(operations=session.left_open() or ())
        self.judged: Findings | None = None
        """What is wrong with numbers; None until that was looked at."""
        self._parts: tuple[Part, ...] = ()
        self._told: set[str] = set()

    @property
    def findings(self) -> "Findings":
        """What is wrong with numbers, as far as that was looked at."""
        from tui_numbers.services.findings import NONE

        return self.judged if self.judged is not None else NONE

    def on_mount(self) -> None:
        """Show what a killed program left open, in the first frame already."""
        self._tell(self.known)

    @work(exclusive=True, group="journal", exit_on_error=False)
    async def look_at_journal(self) -> None:
        """Read again what is open, and which changes are temporary."""
        from tui_numbers.domain.operations import JournalError

        journal = self._session.journal
        with contextlib.suppress(JournalError):
            operations = await asyncio.to_thread(journal.left_open)
            ends = await asyncio.to_thread(journal.ends)
            if (list(operations), ends) != (list(self.known.operations), list(self.known.ends)):
                self._tell(replace(self.known, operations=operations, ends=ends))
                self.look_at_numbers()

    def look_at_accounts(self) -> None:
        """Tell of the accounts that could not be read."""
        self._tell(replace(self.known, missing=self._store().missing))

    def tell_journal(self, problem: str | None) -> None:
        """Tell why the journal cannot be reached; None where it can again."""
        self._tell(replace(self.known, away=problem or ""))

    @work(exclusive=True, group="findings", exit_on_error=False)
    async def look_at_numbers(self) -> None:
        """Judge all numbers anew, beside the event loop, once nothing has changed for a moment."""
        from tui_numbers.services.findings import Known

        self.look_at_accounts()
        await asyncio.sleep(_REST_SECONDS)
        store, space = self._store(), self._session.workspace
        infos = {account.name: space.info(account) for account in space.accounts}
        judging = Judging(
            Known(store.rows(), infos, store.listed_targets(), self.known.operations,
                  self.known.ends, self._session.journal.clock_skew)
        )  # fmt: skip
        try:
            found = await asyncio.to_thread(judging.judge)
        finally:
            judging.stop()
        await asyncio.to_thread(give_back_memory)
        before, self.judged = self.judged, found
        urgent = found.every(urgent=True)
        self._tell(replace(self.known, urgent=urgent))
        if before is None or (before.told, before.temporary) != (found.told, found.temporary):
            self.post_message(AttentionChanged())

    def _tell(self, known: Attention) -> None:
        self.known = known
        parts = known.parts()
        if parts != self._parts:
            self._parts = parts
            self.display = bool(parts)
            self.refresh(layout=True)
            self.post_message(AttentionChanged())

    async def on_click(self) -> None:
        """List what the line counts."""
        await self.app.run_action("app.attention")

    def render(self) -> Content:
        """Draw the line: a sign, the counts, and the key that lists them."""
        key = ACTIONS["app.attention"].key_names(self.dashboard.keys)[0]
        end = f"  ({key})"
        room = self.size.width - len(" ! ") - len(end) - 1
        text = " · ".join(part.text for part in self._parts)
        bad = self.get_visual_style("attention-line--bad")
        if measure(text) > room:
            return Content(" ") + Content.styled("!", bad) + content(f" {fit(text, room)}{end}")
        line = Content(" · ").join(self._styled(part) for part in self._parts)
        return Content(" ") + Content.styled("!", bad) + Content(" ") + line + content(end)

    def _styled(self, part: Part) -> Content:
        if part.tone not in (Tone.WARN, Tone.BAD):
            return content(part.text)
        return content(part.text).stylize(self.get_visual_style(f"attention-line--{part.tone}"))


class Judging:
    """One look at all numbers beside the event loop, given up once others are to be looked at.

    Its rows are let go at once then: what is left of a cancelled worker is collected late, or,
    where everything alive is frozen meanwhile, never.
    """

    def __init__(self, known: "Known") -> None:
        self._known: Known | None = known

    def judge(self) -> "Findings":
        """Return what is wrong.

        Raises:
            CancelledError: It was stopped.
        """
        from tui_numbers.services.findings import find

        known = self._going_on()
        with collection_paused(len(known.numbers)):
            return find(known, self._breathe)

    def stop(self) -> None:
        """Give up, where it has not ended."""
        self._known = None

    def _breathe(self) -> None:
        from tui_numbers.ui.table.index import breathe

        breathe()
        self._going_on()

    def _going_on(self) -> "Known":
        if self._known is None:
            raise asyncio.CancelledError
        return self._known


async def list_attention(host: Host) -> None:
    """List what needs a person, each with the key that helps; Enter goes there."""
    from tui_numbers.ui.dialogs.picker import PickerScreen

    choices = attention_choices(host)
    if not choices:
        host.say("nothing needs a person now")
        return

    def search(text: str) -> "list[Choice]":
        words = text.casefold().split()
        return [one for one in choices if all(word in one.label.casefold() for word in words)]

    go = await host.push_screen_wait(
        PickerScreen("What needs a person", search, hint="Enter goes there; type to narrow")
    )
    if go is not None:
        await go()


def attention_choices(host: Host) -> "list[Choice]":
    """Return what needs a person, one by one, each with where it is dealt with."""
    from tui_numbers.ui.dialogs.picker import Choice

    known, found = host.main.attention.known, host.main.attention.findings
    main = host.main
    rows: list[Choice] = []
    key = {name: ACTIONS[name].key_names(host.keys)[0] for name in _HELPING}
    if known.away:
        again = partial(main.action_view, "history")
        rows.append(Choice(again, "journal away: nothing can be changed", "History says why"))
    settle = f"{key['history.settle']} in History ({key['view.history']})"
    open_ones = partial(main.show_filtered, "history", "is:open")
    rows += [Choice(open_ones, _operation(one), settle) for one in known.operations]
    for end in known.ends:
        go = partial(main.go_to_key, (end.account, end.number))
        rows.append(
            Choice(
                go, _end(end), f"{key['number.undo']} puts it back, {key['number.keep']} keeps it"
            )
        )
    why = f"{key['app.accounts']} says why"
    rows += [Choice(main.show_accounts, f"{name}: {words}", why) for name, words in known.missing]
    for one in known.urgent:
        if one.code not in (*_COUNTED_ALONE, "conflict"):
            go = partial(main.go_to_key, (one.account, one.number))
            rows.append(
                Choice(go, _finding(one), f"{key['number.retarget']} retargets", wraps=True)
            )
    waiting = sum(found.counts.values()) - len(known.urgent)
    if waiting > 0:
        go = partial(main.show_filtered, "owned", "is:finding")
        word = "finding" if waiting == 1 else "findings"
        rows.append(Choice(go, f"{waiting:,} more {word} that can wait", "Enter shows them"))
    return rows


_HELPING = (
    "history.settle",
    "view.history",
    "number.undo",
    "number.keep",
    "app.accounts",
    "number.retarget",
)


def _operation(operation: "Operation") -> str:
    from tui_numbers.domain.e164 import international
    from tui_numbers.wording.values import outcome_words, recent_words

    when = recent_words(operation.started_at)
    number = international(operation.number)
    return f"{outcome_words(operation)}: {operation.action} {number} of {when}"


def _end(end: "End") -> str:
    from tui_numbers.domain.e164 import international
    from tui_numbers.wording.values import recent_words

    word = "conflict" if end.state.value == "conflict" else "temporary"
    return f"{word}: {international(end.number)} until {recent_words(end.until)}"


def _finding(finding: "Finding") -> str:
    from tui_numbers.domain.e164 import international

    return f"{international(finding.number)}: {finding.text}"
