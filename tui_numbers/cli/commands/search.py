"""`search`: search the stock of every account that offers it for numbers to buy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors, output
from tui_numbers.cli.deferred import lookup, runtime, stock
from tui_numbers.cli.options import command, format_option, kind_options
from tui_numbers.domain.numbers import CAPABILITIES, NUMBER_TYPES
from tui_numbers.domain.query import (
    InvalidPattern,
    Match,
    StockQuery,
    StockSort,
    stock_key,
)
from tui_numbers.domain.records import available_record
from tui_numbers.domain.text import word_key
from tui_numbers.providers.errors import NotOffered
from tui_numbers.wording.values import failure_lines

if TYPE_CHECKING:
    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.domain.numbers import AvailableNumber
    from tui_numbers.domain.query import Total
    from tui_numbers.providers.errors import ProviderError
    from tui_numbers.services.stock import StockEvent


@command(
    "search",
    help="Numbers that can be bought, at every account that offers a search.",
    examples=(
        "search --country GB --features voice,sms --pattern 2020",
        "search --country US --pattern CAB --match ends --limit 5",
        "search --country uk --pattern 0161 --match starts --sort memorable",
    ),
)
@click.option(
    "--country", required=True, metavar="CC", help="A code, name or calling code: GB, uk, +44."
)
@kind_options(several_types=False)
@click.option("--pattern", default="", metavar="P", help="Digits, or letters as on a keypad.")
@click.option(
    "--match",
    type=click.Choice(["starts", "contains", "ends"]),
    default="contains",
    show_default=True,
    help="Where the pattern stands; the country code counts, and starts does without it too.",
)
@click.option("--place", default="", metavar="TEXT", help="Words of the city, region or area.")
@click.option(
    "--sort",
    type=click.Choice(["price", "number", "memorable"]),
    help="Sorts what was found; prices within a currency, unknown ones last.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Most numbers per account.",
)
@format_option()
@click.pass_obj
def search(flags: Flags, /, limit: int, sort: str | None, form: str | None, **asked: Any) -> int:
    """Search stock."""
    query = _query(asked)
    order = StockSort(sort) if sort else None

    async def work(job: Job) -> int:
        return await _search(job, query, limit, order, form)

    return runtime.run(flags, work)


def _query(asked: dict[str, Any]) -> StockQuery:
    country = lookup.country_code(asked["country"])
    assert country is not None
    if "," in (asked["type_"] or ""):
        raise click.UsageError("--type: a search asks for one type: leave the others out")
    query = StockQuery(
        country=country,
        type=word_key(asked["type_"]) if asked["type_"] else None,
        capabilities=lookup.split_features(asked["features"]),
        pattern=asked["pattern"],
        match=Match(asked["match"]),
        place=asked["place"].strip(),
    )
    try:
        _ = query.digits
    except InvalidPattern as error:
        raise click.UsageError(f"--pattern: {error}") from None
    return query


@dataclass
class _Found:
    """What all accounts answered, brought together."""

    numbers: list[AvailableNumber] = field(default_factory=list)
    failures: dict[str, ProviderError] = field(default_factory=dict)
    not_offered: dict[str, str] = field(default_factory=dict)
    totals: dict[str, Total] = field(default_factory=dict)
    more: set[str] = field(default_factory=set)
    unknown: dict[str, int] = field(default_factory=dict)
    filtered_here: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    dropped: int = 0

    def take(self, event: StockEvent) -> None:
        """Take in what one account told."""
        name = event.account
        if isinstance(event, stock.StockPage):
            self.numbers.extend(event.numbers)
            self.totals[name] = event.total
            self.unknown[name] = self.unknown.get(name, 0) + event.unknown
            if event.filtered_here:
                self.filtered_here[name] = event.filtered_here
            self.warnings += [f"{name}: {line}" for line in event.warnings]
            self.dropped += event.dropped
        elif isinstance(event, stock.StockDone):
            if event.more:
                self.more.add(name)
        elif isinstance(event.error, NotOffered):
            self.not_offered[name] = str(event.error)
        else:
            self.failures[name] = event.error


async def _search(
    job: Job, query: StockQuery, limit: int, sort: StockSort | None, form: str | None
) -> int:
    accounts = job.session.workspace.accounts
    job.notices.status(f"asking {len(accounts)} accounts")
    found = _Found()
    async for event in stock.search(job.session.workspace, query, limit):
        found.take(event)
        job.notices.status(f"{len(found.numbers):,} numbers so far")
    order = {account.name: place for place, account in enumerate(accounts)}
    found.numbers.sort(key=lambda number: (order[number.account], number.number))
    if sort is not None:
        found.numbers.sort(key=stock_key(sort, query))
    job.notices.clear()
    _check_words(query, found)
    _print(query, sort, found.numbers, form)
    if query.read_as:
        job.notices.say(query.read_as)
    _tell(job, found)
    if sort is not None and found.more:
        job.notices.say(f"sorted by {sort} among what is shown, not all stock (--limit)")
    if len(found.not_offered) == len(accounts):
        return errors.REFUSED
    asked = len(accounts) - len(found.not_offered)
    return errors.code_of_listing(asked, found.failures, gave=bool(found.numbers))


def _check_words(query: StockQuery, found: _Found) -> None:
    """Refuse what was probably mistyped, where no number bears it either."""
    types = [query.type] if query.type else []
    problem = lookup.mistyped("--type", types, NUMBER_TYPES)
    problem = problem or lookup.mistyped("--features", query.capabilities, CAPABILITIES)
    if problem is not None and not found.numbers and not found.failures:
        raise click.UsageError(problem)


def _print(
    query: StockQuery, sort: StockSort | None, numbers: list[AvailableNumber], form: str | None
) -> None:
    chosen = output.chosen_format(form)
    if chosen == "table":
        reads = query.has_letters or sort is StockSort.MEMORABLE
        output.write_table(output.stock_table(query, reads=reads), numbers)
        return
    records = [available_record(number) for number in numbers]
    if chosen == "json":
        output.write_json(records)
    else:
        rows = [output.flat(record) for record in records]
        output.write_csv(output.headings(output.AVAILABLE_FIRST, rows), rows)


def _tell(job: Job, found: _Found) -> None:
    notices = job.notices
    shown: dict[str, int] = {}
    for number in found.numbers:
        shown[number.account] = shown.get(number.account, 0) + 1
    for name, total in found.totals.items():
        here = found.filtered_here.get(name)
        parts = [f"{name}: {shown.get(name, 0):,} shown", _total_words(total, bool(here))]
        if here:
            parts.append(f"{' and '.join(here)} filtered here")
        if found.unknown.get(name):
            parts.append(f"{found.unknown[name]:,} left out, since it does not tell what was asked")
        if name in found.more:
            parts.append("there may be more (--limit)")
        notices.say("; ".join(filter(None, parts)))
    notices.several(found.warnings)
    if found.dropped:
        notices.say(f"{found.dropped:,} records hold no usable number and are left out")
    for name, reason in found.not_offered.items():
        notices.say(f"{name}: search is not offered: {reason}")
    for line in failure_lines(found.failures):
        notices.say(line)


def _total_words(total: Total, partly: bool) -> str:
    if total.count is None:
        return "how many there are is not told"
    if not total.count:
        return "none in stock"
    what = "before filtering" if partly else "in stock"
    return f"{total} {what}"
