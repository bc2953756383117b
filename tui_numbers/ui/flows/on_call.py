"""Apply, rehearse and revert routes, keep temporary changes, hand over."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.operations import JournalError, Operation, Outcome
from tui_numbers.domain.routes import Route, RouteError, check_name
from tui_numbers.domain.temporary import Closing, Rehearsal, zoned_words
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.batch import Batch
from tui_numbers.services.due import PAUSE, Carried, Rounds, Runner
from tui_numbers.services.handover import gather
from tui_numbers.services.planning import Plan
from tui_numbers.services.routes import RouteState, Standings, baseline, to_revert
from tui_numbers.services.team import Listener, read_again
from tui_numbers.services.undo import prepare_undo
from tui_numbers.ui.actions import ACTIONS
from tui_numbers.ui.dialogs.confirm import Then
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.flows.confirmation import (
    confirm_batch,
    consent_to,
    preview_in,
    question_about_all,
)
from tui_numbers.ui.flows.from_history import undo_results
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection
from tui_numbers.ui.text import stacked
from tui_numbers.wording.changes import doings_words
from tui_numbers.wording.on_call import handover_page, rehearsed_words, route_words, sharing_words
from tui_numbers.wording.plans import Line, warning_lines
from tui_numbers.wording.values import outcome_tone


async def _read_again(host: Host, chosen: Selection) -> RouteState | None:
    """Return how the route under the cursor stands now, every number read afresh."""
    shown = chosen.route
    assert shown is not None
    name = shown.route.name
    with host.saying(f"reading the numbers of {name} afresh; Esc stops"):
        try:
            route = await asyncio.to_thread(host.session.routes.load, name)
            (state,) = await Standings(host.session.writer).of([route])
        except (RouteError, JournalError) as error:
            host.say(str(error), Tone.BAD)
            return None
    return replace(state, sharing=shown.sharing)


async def rehearse(host: Host, chosen: Selection) -> None:
    """Make every read of an application without sending, say what was found, keep the date."""
    state = await _read_again(host, chosen)
    if state is None:
        return
    kept = Rehearsal(
        state.route.name,
        clock.now(),
        len(state.numbers),
        state.impossible,
        state.seconds,
        host.session.writer.actor,
    )
    try:
        await asyncio.to_thread(host.session.journal.rehearse, kept)
    except JournalError as error:
        host.say(str(error), Tone.BAD)
        return
    for view in host.main.views:
        if view.id == "routes":
            view.refresh_rows()
    told = f"{state.route.name} {rehearsed_words(state)}"
    enter = "; Enter says which" if state.impossible else ""
    host.say(f"{told}{enter}", Tone.WARN if state.impossible else Tone.GOOD)


async def apply(host: Host, chosen: Selection) -> None:
    """Send the numbers of a route where it wants them, as one batch."""
    state = await _read_again(host, chosen)
    if state is None:
        return
    plans = [one.plan for one in state.numbers if one.plan is not None and one.plan.is_needed]
    if not plans:
        why = "nothing of it can be applied: Enter says why" if state.impossible else "in force"
        host.say(f"{state.route.name}: {why}, so nothing is sent", Tone.WARN)
        return
    consent = consent_to(plans)
    question = question_about_all(host, plans, consent, "Apply", goes_on=False)
    title = f"Apply {state.route.name} to {_numbers(len(plans))}"
    question = replace(question, title=title, notes=[*_notes(state), *question.notes])
    batch = Batch(host.session.writer, plans, consent, several=len(state.numbers) > 1)
    results, then = await confirm_batch(host, question, batch)
    if then is Then.UNDO:
        await undo_results(host, results)


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count:,} numbers"


def _notes(state: RouteState) -> list[Line]:
    """Return what concerns a whole route, before it is applied."""
    notes = [Line("stands", route_words(state))]
    if state.route.note:
        notes.append(Line("note", state.route.note))
    lines = [*sharing_words(state), *state.route.problems]
    lines += [
        f"{international(one.line.number)} cannot be applied: {one.problem}"
        for one in state.numbers
        if one.plan is None
    ]
    return [*notes, *warning_lines(lines)]


async def revert(host: Host, chosen: Selection) -> None:
    """Put back what the latest application of a route replaced."""
    state = await _read_again(host, chosen)
    if state is None:
        return
    workspace, journal = host.session.workspace, host.session.journal

    async def prepare(group: Sequence[Operation]) -> Plan:
        return await prepare_undo(workspace, *group, skew=journal.clock_skew)

    try:
        groups = await asyncio.to_thread(to_revert, journal, state)
    except JournalError as error:
        host.say(str(error), Tone.BAD)
        return
    if not groups:
        host.say(f"{state.route.name} was not applied from here: there is nothing to put back")
        return
    with host.saying("reading afresh what it replaced; Esc stops"):
        entries = await preview_in(host).of_recorded(groups, prepare)
    needed = [one for one in entries if isinstance(one, Plan) and one.is_needed]
    left = [
        f"{international(group[0].number)}: {one}"
        for group, one in zip(groups, entries, strict=True)
        if not isinstance(one, Plan)
    ]
    if not needed:
        host.say("; ".join(left) or f"{state.route.name} is put back already", Tone.WARN)
        return
    consent = consent_to(needed)
    question = question_about_all(host, needed, consent, "Revert", goes_on=False)
    title = f"Put {state.route.name} back: {_numbers(len(needed))}"
    notes = [*warning_lines(f"left as it is: {line}" for line in left), *question.notes]
    question = replace(question, title=title, notes=notes)
    batch = Batch(host.session.writer, needed, consent, several=len(groups) > 1)
    await confirm_batch(host, question, batch)
    if left:
        host.say(f"left as it is: {'; '.join(left)}", Tone.WARN)


async def save(host: Host, name: str) -> None:
    """Keep where the marked numbers, or those shown, are delivered now as a route."""
    owned = host.main.owned
    numbers = list(owned.table.marked_rows) or list(owned.table.model.shown_rows())
    workspace = host.session.workspace
    lines = [baseline(workspace.info(one.account), one) for one in numbers]
    # What points nowhere and cannot be emptied again is no line of a route.
    lines = [line for line in lines if line.edits]
    route = Route(name, name.replace("-", " "), "", tuple(lines))
    try:
        check_name(name)
        await asyncio.to_thread(host.session.routes.save, route, replacing=False)
    except RouteError as error:
        host.say(str(error), Tone.BAD)
        return
    where = host.session.routes.where(name)
    host.say(f"{_numbers(len(lines))} as they are now are saved as {where}: 5 shows it", Tone.GOOD)


async def hand_over(host: Host, _chosen: Selection) -> None:
    """Show what the next person on call has to know, and keep that it was handed over."""
    session = host.session
    findings = host.main.attention.findings.every(urgent=True)
    with host.saying("gathering what is to be handed over; Esc stops"):
        try:
            told = await gather(session.writer, session.routes, findings)
            if not session.read_only:
                await asyncio.to_thread(session.journal.hand_over, session.writer.actor)
        except JournalError as error:
            host.say(str(error), Tone.BAD)
            return
    lines = handover_page(told).splitlines()
    await host.push_screen_wait(PageScreen("Handover (Markdown)", stacked(lines)))


_ANNOUNCED = timedelta(minutes=1)
"""How long before an end it is announced."""


async def watch_ends(host: Host) -> None:
    """Put temporary changes back when they are due; nothing is drawn while none is."""
    rounds = Rounds(Runner(host.session.writer))
    told: set[tuple[str, object]] = set()
    while True:
        with contextlib.suppress(JournalError):
            await _look_at_ends(host, rounds, told)
        await asyncio.sleep(PAUSE)


async def _look_at_ends(host: Host, rounds: Rounds, told: set[tuple[str, object]]) -> None:
    """Announce what is due within a minute, and carry out what is due."""
    journal = host.session.journal
    usable = rounds.runner.accounts
    ends = await asyncio.to_thread(journal.ends)
    now = journal.now()
    soon = [
        end
        for end in ends
        if now < end.until <= now + _ANNOUNCED
        and end.account in usable
        and (end.operation, end.until) not in told
    ]
    if soon:
        told |= {(end.operation, end.until) for end in soon}
        words = international(soon[0].number) if len(soon) == 1 else _numbers(len(soon))
        key = ACTIONS["number.keep"].key_names(host.keys)[0]
        when = zoned_words(soon[0].until)
        host.say(f"{words} put back {when}, within a minute; {key} keeps it", Tone.WARN)
    if any(end.is_overdue(now) for end in ends):
        carried = await host.writes.run(rounds.run())
        # What failed before in the same way is in the attention line already.
        _tell_carried(host, [one for one in carried if (one.end.operation, one.note) not in told])
        told |= {(one.end.operation, one.note) for one in carried if not one.is_done}


def _tell_carried(host: Host, carried: Sequence[Carried]) -> None:
    """Show what was put back, and what was not."""
    if not carried:
        return
    host.take_results([one.result for one in carried if one.result is not None])
    host.main.attention.look_at_journal()
    done = [one for one in carried if one.is_done]
    for one in carried:
        if not one.is_done:
            host.log_line(f"{one.end.number}: not put back: {one.note}")
    left = len(carried) - len(done)
    first = carried[0]
    words = international(first.end.number) if len(carried) == 1 else _numbers(len(carried))
    if not left:
        late = f" ({first.note})" if first.note else ""
        host.say(f"{words} put back as agreed{late}", Tone.GOOD)
    else:
        why = next(one.note for one in carried if not one.is_done)
        host.say(f"{left} of {words} not put back: {why} (! lists them)", Tone.BAD)


async def follow_others(host: Host) -> None:
    """Show what other operators do until cancelled; nothing is drawn while they do nothing."""
    listener = Listener(host.session.writer)
    try:
        while listener.is_told:
            heard = await listener.next()
            for problem in heard.lines:
                host.main.attention.tell_journal(problem)
                if problem is not None:
                    host.say(f"nothing can be changed: {problem}", Tone.BAD)
                else:
                    host.say("the journal is there again", Tone.GOOD)
            await _show_doings(host, heard.operations)
    finally:
        listener.stop()


async def _show_doings(host: Host, operations: Sequence[Operation]) -> None:
    """Say what others did, and show everywhere what their numbers are now."""
    host.main.attention.look_at_journal()
    for view in host.main.views:
        if view.display and view.id in ("history", "routes"):
            view.refresh_rows()
    ended = [one for one in operations if one.outcome not in (None, Outcome.PLANNED)]
    if not ended:
        return
    # The worst of them gives the line its colour.
    tones = {outcome_tone(one.outcome) for one in ended}
    host.say(
        doings_words(ended), next((t for t in (Tone.BAD, Tone.WARN) if t in tones), Tone.PLAIN)
    )
    async for operation, found in read_again(host.session.workspace, ended):
        if isinstance(found, ProviderError):
            host.log_line(f"{operation.number} was changed, and could not be read: {found}")
            continue
        host.show_number(operation.account, operation.number, found)


async def keep(host: Host, chosen: Selection) -> None:
    """Let the temporary change of a number stay: it is not put back."""
    numbers = chosen.owned
    ends = [end for one in numbers if (end := host.end_of(one)) is not None]
    if not ends:
        host.say("it is not temporary: there is no end to lift", Tone.WARN)
        return
    journal, who = host.session.journal, host.session.writer.actor
    operations = [end.operation for end in ends]
    try:
        done = await asyncio.to_thread(journal.close_ends, operations, Closing.KEPT, who)
    except JournalError as error:
        host.say(str(error), Tone.BAD)
        return
    host.main.attention.look_at_journal()
    host.main.owned.table.clear_marks()
    if done < len(ends):
        host.say("it is being put back just now, and cannot be kept any more", Tone.WARN)
    else:
        first = ends[0]
        words = international(first.number) if len(ends) == 1 else _numbers(len(ends))
        host.say(f"{words} kept: not put back at {zoned_words(first.until)}", Tone.GOOD)
