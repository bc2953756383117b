"""`route`: list, show, save, apply, revert and remove saved routes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.completion import kind_words
from tui_numbers.cli.deferred import (
    asyncio,
    batch,
    input_parsing,
    inventory,
    lookup,
    planning,
    routes,
    runtime,
    undo,
    write_dialogue,
    writes,
)
from tui_numbers.cli.options import (
    WithGlobals,
    WriteOptions,
    command,
    format_option,
    until_options,
    write_options,
)
from tui_numbers.cli.owned_filter import filter_option, owned_filter, select
from tui_numbers.cli.terminal import can_ask
from tui_numbers.domain import clock
from tui_numbers.domain.e164 import international
from tui_numbers.domain.numbers import Channel, Undisclosed
from tui_numbers.domain.operations import Action
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.domain.records import time_text
from tui_numbers.domain.routes import Route, RouteError, check_name
from tui_numbers.domain.temporary import Rehearsal
from tui_numbers.wording import on_call as words
from tui_numbers.wording.values import UNKNOWN, failure_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.cli.write_dialogue import Attempt
    from tui_numbers.domain.numbers import OwnedNumber
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.routes import RouteLine
    from tui_numbers.services.planning import Plan
    from tui_numbers.services.routes import NumberState, RouteState, SettingState


class _RouteGroup(WithGlobals, click.Group):
    """The group of route commands."""


@click.group(
    "route",
    cls=_RouteGroup,
    examples=("route list", "route show after-hours", "route apply after-hours --dry-run"),
)
def route_group() -> None:
    """Saved routes: where a group of numbers is to go, applied and put back as one."""


@command(
    "list",
    help="Saved routes and how each stands, worked out from what is owned now.",
    brief="Saved routes and how each stands.",
    examples=("route list", "route list --format json"),
)
@format_option()
@click.pass_obj
def list_routes(flags: Flags, form: str | None) -> int:
    """List routes."""

    async def work(job: Job) -> int:
        found, problems = await _load_all(job)
        for problem in problems:
            job.notices.say(problem)
        if not found and not problems:
            job.notices.say("no route is saved: route save NAME makes one")
        states = await _standings(job, found)
        _write_states(states, form)
        return errors.PARTLY if problems else errors.DONE

    return runtime.run(flags, work)


@command(
    "show",
    help="One route, number by number: what is wanted, what is there, what is wrong.",
    brief="One route, number by number.",
    examples=("route show after-hours",),
)
@click.argument("name")
@format_option()
@click.pass_obj
def show(flags: Flags, name: str, form: str | None) -> int:
    """Show a route."""

    async def work(job: Job) -> int:
        chosen = output.chosen_format(form)
        state = await _state(job, name, named=chosen == "table")
        _tell(job, state)
        rows = [(number, setting) for number in state.numbers for setting in number.settings]
        if chosen == "table":
            output.write_table(_LINES, rows)
        else:
            records = [_line_record(*row) for row in rows]
            if chosen == "json":
                output.write_json(records)
            else:
                output.write_csv(output.headings(_LINE_FIRST, records), records)
        return errors.PARTLY if state.impossible else errors.DONE

    return runtime.run(flags, work)


@command(
    "save",
    help="Save what is now as a route: of the numbers named, of those that pass a filter, or of "
    "all; with --to, what is wanted of them.",
    brief="Save what is now, or what is wanted, as a route.",
    examples=(
        "route save baseline",
        "route save night +12673676170 +447400906170 --title 'Night desk'",
        "route save bridge --filter to:IVR --to phone:+442079460999",
    ),
)
@click.argument("name")
@click.argument("numbers", metavar="[NUMBER…]", nargs=-1)
@filter_option()
@click.option("--to", metavar="KIND:VALUE", help="Where they are to go.", shell_complete=kind_words)
@click.option("--channel", type=click.Choice(["voice", "sms"]), help="Default: voice.")
@click.option("--title", default="", metavar="TEXT", help="What people call it.")
@click.option("--note", default="", metavar="TEXT", help="What to know before it is applied.")
@click.option("--replace", "replacing", is_flag=True, help="Write a saved one anew.")
@format_option()
@click.pass_obj
def save(flags: Flags, /, name: str, numbers: tuple[str, ...], **options: Any) -> int:
    """Save a route."""
    if numbers and options["text"]:
        raise click.UsageError("name numbers, or give --filter: one of them")

    async def work(job: Job) -> int:
        return await _save(job, name, numbers, options)

    return runtime.run(flags, work)


@command(
    "apply",
    help="Send the numbers of a route where it wants them, as one batch. --dry-run rehearses it: "
    "every read is really made, and the date is kept.",
    brief="Send its numbers where it wants them, as one batch.",
    examples=("route apply after-hours --dry-run", "route apply after-hours --for 2h --yes"),
)
@click.argument("name")
@until_options
@write_options
@click.pass_obj
def apply(flags: Flags, /, name: str, **options: Any) -> int:
    """Apply a route."""
    asked = WriteOptions(**options)
    until = asked.ends_at()

    async def work(job: Job) -> int:
        return await _apply(job, name, asked, until)

    return runtime.run(flags, work)


@command(
    "revert",
    help="Put back what the latest application of a route replaced; what somebody changed since "
    "is left as it is, and named.",
    brief="Put back what its latest application replaced.",
    examples=("route revert after-hours --dry-run", "route revert after-hours --yes"),
)
@click.argument("name")
@write_options
@click.pass_obj
def revert(flags: Flags, /, name: str, **options: Any) -> int:
    """Put a route back."""
    asked = WriteOptions(**options)

    async def work(job: Job) -> int:
        return await _revert(job, name, asked)

    return runtime.run(flags, work)


@command(
    "remove",
    help="Remove the file of a route; no number is changed.",
    examples=("route remove after-hours --yes",),
)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Remove it without asking.")
@click.pass_obj
def remove(flags: Flags, /, name: str, yes: bool) -> int:
    """Remove a route."""

    async def work(job: Job) -> int:
        book = job.session.routes
        await _in_thread(book.load, name)
        question = f"Remove {book.where(name)}? [y/N] "
        if not (yes or (can_ask() and job.ask(question).lower() in ("y", "yes"))):
            job.notices.say("not confirmed: add --yes")
            return errors.REFUSED
        await _in_thread(book.remove, name)
        job.notices.say(f"removed {book.where(name)}; no number was changed")
        return errors.DONE

    return runtime.run(flags, work, need_accounts=False)


for _one in (list_routes, show, save, apply, revert, remove):
    route_group.add_command(_one)


async def _in_thread(call: Any, *arguments: Any, **more: Any) -> Any:
    """Run what blocks in a thread; what is wrong with a route is an error of usage."""
    try:
        return await asyncio.to_thread(call, *arguments, **more)
    except RouteError as error:
        raise click.UsageError(str(error)) from None


async def _load_all(job: Job) -> tuple[list[Route], list[str]]:
    found: tuple[list[Route], list[str]] = await _in_thread(job.session.routes.load_all)
    return found


async def _standings(
    job: Job, found: Sequence[Route], until: datetime | None = None, *, named: bool = False
) -> list[RouteState]:
    job.notices.status(f"reading the numbers of {len(found)} routes afresh")
    standings = routes.Standings(job.session.writer, named=named)
    states: list[RouteState] = await standings.of(found, until=until)
    job.notices.clear()
    return states


async def _state(
    job: Job, name: str, until: datetime | None = None, *, named: bool = False
) -> RouteState:
    """Return how one route stands, with what it shares with the others."""
    wanted: Route = await _in_thread(job.session.routes.load, name)
    others, _ = await _load_all(job)
    (state,) = await _standings(job, [wanted], until, named=named)
    sharing = {
        other.name: len(shared)
        for other in others
        if other.name != name and (shared := wanted.shared_with(other))
    }
    return replace(state, sharing=sharing)


def _tell(job: Job, state: RouteState) -> None:
    """Say how a route stands, and what is to be known before anything is sent."""
    route = state.route
    title = f"{route.name}: {route.title}" if route.title else route.name
    job.notices.say(title)
    if route.note:
        job.notices.say(f"  {route.note}")
    job.notices.say(f"  {words.route_words(state)}")
    job.notices.say(f"  {words.rehearsal_words(state.rehearsal)}")
    for line in (*route.problems, *words.sharing_words(state)):
        job.notices.say(f"  warning: {line}")


async def _save(job: Job, name: str, numbers: Sequence[str], options: dict[str, Any]) -> int:
    book = job.session.routes
    try:
        check_name(name)
    except RouteError as error:
        raise click.UsageError(str(error)) from None
    before = None
    if name in await _in_thread(book.names):
        if not options["replacing"]:
            raise click.UsageError(f"route {name} is there already: add --replace")
        before = await _in_thread(book.load, name)
    owned, code = await _chosen(job, numbers, options["text"])
    found = [_wanted(job, one, options) for one in owned]
    lines = [line for line in found if line.edits]
    if len(lines) < len(found):
        left = len(found) - len(lines)
        job.notices.say(f"{left} left out: they point nowhere, and could not be emptied again")
    if not lines:
        job.notices.say("no number was found, so nothing is saved")
        return code or errors.NOT_DONE
    if code:
        job.notices.say("not saved: the numbers are not all known")
        return code
    title = options["title"] or (before.title if before else "") or name.replace("-", " ")
    note = options["note"] or (before.note if before else "")
    route = Route(name, title, note, tuple(lines))
    await _in_thread(book.save, route, replacing=options["replacing"])
    job.notices.say(f"saved {book.where(name)}")
    state = await _state(job, name)
    _tell(job, state)
    _write_states([state], options["form"])
    return errors.PARTLY if state.impossible else errors.DONE


async def _chosen(job: Job, numbers: Sequence[str], text: str) -> tuple[list[OwnedNumber], int]:
    """Return the numbers that a route is to have, and an exit code where they are not all known."""
    workspace = job.session.workspace
    if numbers:
        found = await lookup.find_all(workspace, lookup.parse_numbers(numbers))
        code = errors.DONE
        for one in found:
            if one.owned is None:
                job.notices.say(one.problem)
                code = one.code
        return [one.owned for one in found if one.owned is not None], code
    wanted = owned_filter(workspace, text)
    job.notices.status("asking for all numbers")
    listing = await inventory.list_owned(workspace, OwnedQuery())
    job.notices.clear()
    for line in failure_lines(listing.failures):
        job.notices.say(line)
    labelled = await inventory.labelled(workspace, listing.numbers)
    selected = await select(workspace, labelled, wanted)
    for line in selected.notices:
        job.notices.say(line)
    return selected.numbers, errors.PARTLY if listing.failures else errors.DONE


def _wanted(job: Job, owned: OwnedNumber, options: dict[str, Any]) -> RouteLine:
    """Return what a number is to be set to."""
    workspace = job.session.workspace
    account = workspace.account(owned.account)
    info = workspace.info(account)
    if not options["to"]:
        line: RouteLine = routes.baseline(info, owned)
        return line
    target = input_parsing.read_target(info, options["to"], owned.country)
    channel = Channel(options["channel"]) if options["channel"] else None
    # What has to be cleared is worked out from the setting that would win now.
    plan = planning.plan_retarget(account, info, owned, target, channel)
    if plan.refusal is not None:
        raise click.UsageError(f"{international(owned.number)}: {plan.refusal}")
    change = plan.change or routes.kept_at(info, owned, plan.channel)
    found: RouteLine = routes.baseline(info, owned, change)
    return found


async def _apply(job: Job, name: str, options: WriteOptions, until: datetime | None) -> int:
    write_dialogue.check_confirmed(job, options.confirmed)
    state = await _state(job, name, until, named=can_ask() and not options.yes)
    _tell(job, state)
    plans = [one.plan for one in state.numbers if one.plan is not None]
    several = len(state.numbers) > 1
    writer = job.session.writer
    forbidden = [writer.forbidden(plan, options.reason, several=several) for plan in plans]
    write_dialogue.show_plans(
        job.notices,
        [pair for pair in zip(plans, forbidden, strict=True) if pair[0].is_needed],
    )
    writes.tell_runner(job, plans)
    attempts = [_impossible(one) for one in state.numbers if one.plan is None]
    for one in attempts:
        at = f" at {one.account}" if one.account else ""
        job.notices.say(f"{international(one.number)}{at}: cannot be applied: {one.error}")
    unchanged = sum(not plan.is_needed for plan in plans)
    if unchanged:
        job.notices.say(f"{unchanged} of {len(state.numbers)} already as wanted")
    if options.dry_run:
        await _keep_rehearsal(job, state)
        results = [writer.planned(plan, options.reason, several=several) for plan in plans]
    else:
        results = await _send(job, options, plans, forbidden, several=several)
    attempts += [write_dialogue.attempt_of(one, interactive=can_ask()) for one in results]
    place = {one.line.key: at for at, one in enumerate(state.numbers)}
    attempts.sort(key=lambda one: place.get((one.account or "", one.number), 0))
    code: int = write_dialogue.write_attempts(attempts, options.form)
    return code


async def _send(
    job: Job,
    options: WriteOptions,
    plans: Sequence[Plan],
    forbidden: Sequence[str | None],
    *,
    several: bool,
) -> Any:
    to_send = [
        plan for plan, no in zip(plans, forbidden, strict=True) if plan.is_needed and no is None
    ]
    consent = write_dialogue.confirm_changes(job, to_send, options)
    run = batch.Batch(job.session.writer, plans, consent, options.reason, several)
    return await writes.send(job, run)


async def _keep_rehearsal(job: Job, state: RouteState) -> None:
    """Say what the rehearsal found, and keep its date."""
    job.notices.say(words.rehearsed_words(state))
    kept = Rehearsal(
        state.route.name,
        clock.now(),
        len(state.numbers),
        state.impossible,
        state.seconds,
        job.session.writer.actor,
    )
    await asyncio.to_thread(job.session.journal.rehearse, kept)


def _impossible(one: NumberState) -> Attempt:
    attempt: Attempt = write_dialogue.not_sent(
        one.line.number,
        Action.SET,
        one.problem or "",
        account=one.line.account or None,
        before=one.owned,
    )
    return attempt


async def _revert(job: Job, name: str, options: WriteOptions) -> int:
    write_dialogue.check_confirmed(job, options.confirmed)
    workspace = job.session.workspace
    state = await _state(job, name)
    _tell(job, state)
    groups = await asyncio.to_thread(routes.to_revert, job.session.journal, state)
    if not groups:
        job.notices.say(f"route {name} was not applied from here, so there is nothing to put back")

    async def plan(group: Sequence[Operation]) -> Plan:
        found: Plan = await undo.prepare_undo(
            workspace, *group, skew=job.session.journal.clock_skew
        )
        return found

    prepared = await writes.plan_all(job, groups, plan, Action.UNDO)
    code: int = await writes.carry_out(job, prepared, options, several=len(groups) > 1, batch=None)
    return code


def _route_record(state: RouteState) -> dict[str, Any]:
    return {
        "name": state.route.name,
        "title": state.route.title,
        "numbers": len(state.numbers),
        "in_force": state.in_force,
        "different": state.different,
        "elsewhere": state.elsewhere,
        "impossible": state.impossible,
        "applied_at": time_text(state.applied_at),
        "applied_by": str(state.applied_by) if state.applied_by is not None else None,
        "until": time_text(state.until),
        "rehearsed_at": time_text(state.rehearsal.at) if state.rehearsal is not None else None,
    }


def _line_record(number: NumberState, setting: SettingState) -> dict[str, Any]:
    actual = setting.actual
    return {
        "account": number.line.account,
        "number": number.line.number,
        "setting": setting.key,
        "wanted": setting.wanted,
        "actual": None if isinstance(actual, Undisclosed) else actual,
        "standing": setting.standing.value,
        "problem": setting.problem,
    }


_ROUTE_FIRST = (
    *("name", "title", "numbers", "in_force", "different", "elsewhere", "impossible"),
    *("applied_at", "applied_by", "until", "rehearsed_at"),
)
_LINE_FIRST = ("account", "number", "setting", "wanted", "actual", "standing", "problem")


def _write_states(states: Sequence[RouteState], form: str | None) -> None:
    match output.chosen_format(form):
        case "table":
            output.write_table(_ROUTES, states)
        case "json":
            output.write_json([_route_record(state) for state in states])
        case _:
            records = [_route_record(state) for state in states]
            output.write_csv(output.headings(_ROUTE_FIRST, records), records)


_ROUTES: Sequence[output.Column[Any]] = (
    output.Column("Route", lambda state: state.route.name),
    output.Column("Title", lambda state: state.route.title, narrowest=10, optional=2),
    output.Column("Standing", words.route_words, narrowest=30, tone=words.route_tone),
    output.Column(
        "Rehearsed", lambda state: words.rehearsal_words(state.rehearsal), narrowest=8, optional=1
    ),
)
_LINES: Sequence[output.Column[Any]] = (
    output.Column("Number", lambda row: international(row[0].line.number) or UNKNOWN),
    output.Column("Account", lambda row: row[0].line.account or UNKNOWN),
    output.Column("Setting", lambda row: row[1].key or UNKNOWN),
    output.Column(
        "Wanted", lambda row: words.setting_value_words(row[0], row[1].wanted), narrowest=14
    ),
    output.Column(
        "Now",
        lambda row: (
            UNKNOWN if row[0].owned is None else words.setting_value_words(row[0], row[1].actual)
        ),
        narrowest=14,
    ),
    output.Column(
        "Standing",
        lambda row: (
            words.STANDING_WORDS[row[1].standing]
            + (f": {row[1].problem}" if row[1].problem else "")
        ),
        narrowest=12,
        tone=lambda row: words.standing_tone(row[1].standing),
    ),
)
