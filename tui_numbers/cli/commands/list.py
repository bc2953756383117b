"""`list`: list owned numbers of all accounts, filtered."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completion import column_words, kind_words, sort_words, status_words
from tui_numbers.cli.deferred import listing, lookup, output, runtime
from tui_numbers.cli.options import command, format_option, kind_options
from tui_numbers.cli.owned_filter import (
    filter_option,
    owned_filters,
    saved_view,
    select,
    view_option,
)
from tui_numbers.domain.numbers import CAPABILITIES, NUMBER_TYPES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.listing import Holdings
    from tui_numbers.cli.owned_filter import Selected
    from tui_numbers.cli.runtime import Job
    from tui_numbers.domain.numbers import OwnedNumber
    from tui_numbers.domain.query import OwnedQuery
    from tui_numbers.services.findings import Findings
    from tui_numbers.services.inventory import Listing


@command(
    "list",
    help="Owned numbers of all accounts, asked afresh and side by side.",
    examples=(
        "list --filter 6170",
        "list --filter 'to:\"Support IVR\",nowhere country:uk -is:porting'",
        "list --target phone:+61491570156 --format csv",
        "list --sort -changed --columns number,target,changed",
        "list --features voice,sms --status active --format json",
    ),
)
@click.argument("stray", metavar="", nargs=-1)
@filter_option()
@view_option()
@click.option("--country", metavar="CC", help="Two letters, such as GB.")
@kind_options(several_types=True)
@click.option(
    "--status",
    metavar="S",
    help="active, pending, porting, or a provider's own; S,S for either.",
    shell_complete=status_words,
)
@click.option(
    "--target",
    metavar="KIND[:VALUE]",
    help="Only what is delivered there.",
    shell_complete=kind_words,
)
@click.option(
    "--linked",
    metavar="KIND[:VALUE]",
    help="Only what has it stored, overridden or not.",
    shell_complete=kind_words,
)
@click.option(
    "--not-linked",
    metavar="KIND[:VALUE]",
    help="Only what has no such target stored.",
    shell_complete=kind_words,
)
@click.option("--unrouted", is_flag=True, help="Only what points nowhere.")
@click.option(
    "--sort",
    metavar="[-]COLUMN",
    help="Sort by this column; - before it: the other way round.",
    shell_complete=sort_words,
)
@click.option(
    "--columns",
    metavar="A,B",
    help="The columns of table and CSV, such as number,target,account.",
    shell_complete=column_words,
)
@format_option()
@click.pass_obj
def list_command(
    flags: Flags, /, stray: tuple[str, ...], text: str, form: str | None, **asked: Any
) -> int:
    """List owned numbers."""
    if stray:
        raise click.UsageError(f"to find {' '.join(stray)!r}, write --filter {' '.join(stray)!r}")

    async def work(job: Job) -> int:
        return await _list(job, text, form, asked)

    collecting = gc.isenabled()
    # Records by the thousand hold no cycles, and the program ends with them.
    gc.disable()
    try:
        return runtime.run(flags, work)
    finally:
        if collecting:
            gc.enable()


async def _list(job: Job, text: str, form: str | None, asked: dict[str, Any]) -> int:
    from tui_numbers.wording.columns import in_order, owned_columns

    workspace = job.session.workspace
    query = _query(job, asked)
    wanted = owned_filters(job.session, text, asked["view"])
    sort = _sort_of(job, asked["sort"], asked["view"])
    columns = _columns_of(asked["columns"])
    held = await listing.read_holdings(job, query)
    _check_words(job, query, held.listing)
    selected = await select(workspace, held.numbers, *wanted, flags=held.flags)
    numbers = in_order(selected.numbers, owned_columns(), sort) if sort else selected.numbers
    chosen = output.chosen_format(form)
    _print(job, numbers, held.findings, chosen, columns)
    _tell(job, held, query, selected, chosen)
    return held.code(len(workspace.accounts))


def _sort_of(job: Job, asked: str | None, view: str | None) -> str | None:
    """Return ``[-]COLUMN`` as it was asked for, or else as a saved view has it, or None."""
    from tui_numbers.wording.columns import UnknownColumn, in_order, owned_columns

    sort, option = (asked, "--sort") if asked else (saved_view(job.session, view).sort, "--view")
    try:
        in_order((), owned_columns(), sort or "number")
    except UnknownColumn as error:
        where = option if asked else f"{option} {view}"
        raise click.UsageError(f"{where}: {error}") from None
    return sort


def _columns_of(asked: str | None) -> tuple[str, ...]:
    """Return the keys of the columns that were asked for; none for the usual ones."""
    from tui_numbers.wording.columns import UnknownColumn, known_column, owned_columns

    names = [name for name in (asked or "").split(",") if name.strip()]
    if asked is not None and not names:
        raise click.UsageError("--columns names no column: number,target,account")
    try:
        return tuple(dict.fromkeys(known_column(name, owned_columns()) for name in names))
    except UnknownColumn as error:
        raise click.UsageError(f"--columns: {error}") from None


def _query(job: Job, asked: dict[str, Any]) -> OwnedQuery:
    from tui_numbers.domain.query import OwnedQuery

    workspace = job.session.workspace
    infos = [workspace.info(account) for account in workspace.accounts]
    target = lookup.parse_target_pattern("--target", asked["target"], infos)
    if asked["unrouted"] and target is not None:
        raise click.UsageError("--unrouted and --target exclude each other: leave one of them out")
    return OwnedQuery(
        country=lookup.listed_country(asked["country"]),
        types=lookup.split_words(asked["type_"]),
        capabilities=lookup.split_features(asked["features"]),
        statuses=lookup.split_words(asked["status"]),
        target=target,
        linked=lookup.parse_target_pattern("--linked", asked["linked"], infos),
        not_linked=lookup.parse_target_pattern("--not-linked", asked["not_linked"], infos),
        unrouted=asked["unrouted"],
    )


def _check_words(job: Job, query: OwnedQuery, read: Listing) -> None:
    """Refuse what was probably mistyped, where no number bears it either."""
    if read.numbers or read.failures:
        return
    lookup.country_code(query.country)
    workspace = job.session.workspace
    infos = [workspace.info(account) for account in workspace.accounts]
    kinds = {kind.key for info in infos for kind in info.target_kinds}
    patterns = (("--target", query.target), ("--linked", query.linked))
    asked = [
        ("--type", query.types, NUMBER_TYPES),
        ("--status", query.statuses, STATUSES),
        ("--features", query.capabilities, CAPABILITIES),
        *((option, [pattern.kind], kinds) for option, pattern in patterns if pattern is not None),
    ]
    for option, words, known in asked:
        problem = lookup.mistyped(option, words, known)
        if problem is not None:
            raise click.UsageError(problem)


def _print(
    job: Job,
    numbers: Sequence[OwnedNumber],
    found: Findings,
    form: str,
    columns: tuple[str, ...],
) -> None:
    if form == "table":
        output.write_table(output.owned_table(job.session.workspace.locks, columns), numbers)
        return
    from tui_numbers.domain.records import Deliveries, owned_record

    made = Deliveries()
    records = [
        owned_record(number, found.of(number), found.end_of(number), made) for number in numbers
    ]
    if form == "json":
        output.write_json(records)
        return
    rows = [output.flat(record) for record in records]
    if columns:
        chosen = [output.chosen_cells(row, columns) for row in rows]
        output.write_csv(list(output.chosen_cells({}, columns)), chosen)
        return
    # Every setting of the asked providers has its column, whatever was found.
    infos = [job.session.workspace.info(account) for account in job.session.workspace.accounts]
    settings = [f"settings.{spec.key}" for info in infos for spec in info.settings if spec.readable]
    heads = output.headings((*output.OWNED_FIRST, *settings), rows, output.OWNED_LAST)
    output.write_csv(heads, rows)


def _tell(job: Job, held: Holdings, query: OwnedQuery, selected: Selected, form: str) -> None:
    """Say on standard error what the listing itself cannot."""
    notices, shown, read = job.notices, len(selected.numbers), held.listing
    if form == "table":
        of_all = f" of {len(read.numbers):,}" if shown != len(read.numbers) else ""
        # Where something could not be read, nobody knows whether it is one that matches.
        if shown or not (read.failures or read.dropped):
            notices.say(f"{shown:,}{of_all} numbers" if shown else "no number matches")
    for account, count in read.unknown.items():
        notices.say(f"{account}: {count:,} left out, since it does not tell {_asked_for(query)}")
    notices.several(selected.notices)
    listing.tell_incomplete(job, held)


def _asked_for(query: OwnedQuery) -> str:
    asked = (
        ("the country", query.country),
        ("the type", query.types),
        ("the features", query.capabilities),
        ("the status", query.statuses),
    )
    return " or ".join(words for words, value in asked if value)
