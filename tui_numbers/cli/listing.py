"""``list``: owned numbers of all accounts."""

from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import exits
from tui_numbers.cli.completing import kind_words, status_words
from tui_numbers.cli.flags import Flags, command, format_option, kind_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_numbers.cli.running import Job
    from tui_numbers.domain.numbers import OwnedNumber
    from tui_numbers.domain.query import OwnedQuery
    from tui_numbers.services.inventory import Listing, OwnedEvent


@command(
    "list",
    help="Owned numbers of all accounts, asked afresh and side by side.",
    examples=(
        "list --filter 6170",
        "list --country GB --filter 'support !pending'",
        "list --target phone:+61491570156 --format csv",
        "list --features voice,sms --status active --format json",
    ),
)
@click.argument("stray", metavar="", nargs=-1)
@click.option(
    "--filter",
    "text",
    default="",
    metavar="TEXT",
    help="Words in number, name, target, account, place or status; !word must not be there.",
)
@click.option("--country", metavar="CC", help="Two letters, such as GB.")
@kind_options
@click.option(
    "--status", metavar="S", help="active, pending or porting.", shell_complete=status_words
)
@click.option(
    "--target", metavar="KIND[:VALUE]", help="Only what points there.", shell_complete=kind_words
)
@click.option("--unrouted", is_flag=True, help="Only what points nowhere.")
@format_option()
@click.pass_obj
def list_command(
    flags: Flags, /, stray: tuple[str, ...], text: str, form: str | None, **asked: Any
) -> int:
    """List owned numbers."""
    if stray:
        raise click.UsageError(f"to find {' '.join(stray)!r}, write --filter {' '.join(stray)!r}")
    from tui_numbers.cli.running import run

    async def work(job: "Job") -> int:
        return await _list(job, text, form, asked)

    return run(flags, work)


async def _list(job: "Job", text: str, form: str | None, asked: dict[str, Any]) -> int:
    from tui_numbers.cli.output import chosen_format
    from tui_numbers.services.inventory import list_owned

    workspace = job.session.workspace
    query = _query(job, asked)
    listing = await list_owned(workspace, query, _progress(job))
    chosen = chosen_format(form)
    numbers: Sequence[OwnedNumber] = listing.numbers
    # Names of targets are worth further requests only to a person, or to a filter on them.
    if chosen == "table" or any(letter.isalpha() for letter in text):
        from tui_numbers.cli.labels import labelled

        job.notices.status("asking for the names of targets")
        numbers = await labelled(workspace, numbers)
    numbers = _filtered(numbers, text)
    job.notices.clear()
    _print(job, numbers, chosen)
    _tell(job, listing, query, len(numbers), chosen)
    return exits.of_reading(
        len(workspace.accounts),
        listing.failures,
        gave=bool(listing.numbers),
        incomplete=bool(listing.dropped),
    )


def _query(job: "Job", asked: dict[str, Any]) -> "OwnedQuery":
    from tui_numbers.cli import choices
    from tui_numbers.domain.numbers import NUMBER_TYPES, STATUSES
    from tui_numbers.domain.query import OwnedQuery

    workspace = job.session.workspace
    infos = [workspace.info(account) for account in workspace.accounts]
    kind, value = choices.target_filter(asked["target"], infos)
    if asked["unrouted"] and kind is not None:
        raise click.UsageError("--unrouted and --target exclude each other: leave one of them out")
    return OwnedQuery(
        country=choices.country_code(asked["country"]),
        type=choices.known_word("--type", asked["type_"], NUMBER_TYPES),
        capabilities=choices.feature_words(asked["features"]),
        status=choices.known_word("--status", asked["status"], STATUSES),
        target_kind=kind,
        target_value=value,
        unrouted=asked["unrouted"],
    )


def _progress(job: "Job") -> "Callable[[OwnedEvent], None]":
    from tui_numbers.services.inventory import AccountFailed, OwnedPage

    counts = {account.name: "…" for account in job.session.workspace.accounts}
    read: dict[str, int] = {}

    def told(event: "OwnedEvent") -> None:
        if isinstance(event, OwnedPage):
            read[event.account] = read.get(event.account, 0) + len(event.numbers)
            counts[event.account] = f"{read[event.account]:,}"
        elif isinstance(event, AccountFailed):
            counts[event.account] = "failed"
        job.notices.status(" · ".join(f"{name} {count}" for name, count in counts.items()))

    job.notices.status(" · ".join(f"{name} {count}" for name, count in counts.items()))
    return told


def _filtered(numbers: "Sequence[OwnedNumber]", text: str) -> "Sequence[OwnedNumber]":
    if not text.strip():
        return numbers
    from tui_numbers.domain.filtering import TextFilter, haystack

    hays = [haystack(number.number, _texts(number)) for number in numbers]
    return [numbers[place] for place in TextFilter.compile(text).select(hays)]


def _texts(number: "OwnedNumber") -> list[str | None]:
    from tui_numbers.domain.text import clean

    texts = [number.name, number.account, number.country, number.region, number.city]
    texts += [number.status, number.type]
    for target in number.routing.values():
        if target is not None:
            texts += [clean(target.text), target.label]
    return texts


def _print(job: "Job", numbers: "Sequence[OwnedNumber]", form: str) -> None:
    from tui_numbers.cli import columns, output
    from tui_numbers.domain.records import owned_record

    if form == "table":
        output.write_table(columns.owned(job.session.workspace.locks), numbers)
        return
    records = [owned_record(number) for number in numbers]
    if form == "json":
        output.write_json(records)
        return
    rows = [columns.flat(record) for record in records]
    # Every setting of the asked providers has its column, whatever was found.
    infos = [job.session.workspace.info(account) for account in job.session.workspace.accounts]
    settings = [f"settings.{spec.key}" for info in infos for spec in info.settings if spec.readable]
    heads = columns.headings((*columns.OWNED_FIRST, *settings), rows, columns.OWNED_LAST)
    output.write_csv(heads, rows)


def _tell(job: "Job", listing: "Listing", query: "OwnedQuery", shown: int, form: str) -> None:
    """Say on standard error what the listing itself cannot."""
    from tui_numbers.cli.wording import failure_lines

    notices = job.notices
    if form == "table":
        read = len(listing.numbers)
        of_all = f" of {read:,}" if shown != read else ""
        # Where something could not be read, nobody knows whether it is one that matches.
        if shown or not (listing.failures or listing.dropped):
            notices.say(f"{shown:,}{of_all} numbers" if shown else "no number matches")
    for account, count in listing.unknown.items():
        notices.say(f"{account}: {count:,} left out, since it does not tell {_asked_for(query)}")
    notices.several(listing.warnings)
    if listing.dropped:
        notices.say(f"{listing.dropped:,} records hold no usable number and are left out")
    for line in failure_lines(listing.failures):
        notices.say(line)


def _asked_for(query: "OwnedQuery") -> str:
    asked = (
        ("the country", query.country),
        ("the type", query.type),
        ("the features", query.capabilities),
        ("the status", query.status),
    )
    return " or ".join(words for words, value in asked if value)
