"""The command line prints what the dashboard draws: one word for a thing on both."""

import asyncio
import re

import pytest

from tests.support.command_line import AU, TO, UK
from tui_numbers.cli import write_dialogue
from tui_numbers.domain.e164 import international
from tui_numbers.domain.filter_terms import OWNED
from tui_numbers.domain.numbers import Channel
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.providers.errors import (
    BadReply,
    CredentialsRejected,
    ListingIncomplete,
    RateLimited,
    ServerFault,
)
from tui_numbers.providers.registry import load_registry
from tui_numbers.services.inventory import labelled, list_owned
from tui_numbers.services.locations import area_of, place_of
from tui_numbers.services.paths import Paths
from tui_numbers.services.session_factory import demo_workspace
from tui_numbers.services.stock import search
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.ui.accounts_screen import Standing
from tui_numbers.ui.detail_facts import owned_facts
from tui_numbers.ui.dialogs.confirm import lines_content
from tui_numbers.ui.owned_store import AccountState, Progress
from tui_numbers.ui.views.table_layouts import history_table, owned_table, stock_table
from tui_numbers.wording import plans
from tui_numbers.wording.search_text import OwnedText
from tui_numbers.wording.values import channel_heading, failure_words, place_words

SHARED = (
    "Name",
    "Account",
    "Status",
    "Type",
    "Features",
    "Country",
    "Place",
    "Monthly",
    "Property",
    "Recording",
    "Friendly name",
    "Call status webhook",
    "Attribution: source",
    "Created",
    "Updated",
)


@pytest.fixture(scope="module")
def known():
    """What the dashboard knows of the demo: its numbers, and what its providers declare."""

    async def read():
        workspace = demo_workspace(load_registry().plugins, 60)
        listing = await list_owned(workspace, OwnedQuery())
        infos = {account.name: workspace.info(account) for account in workspace.accounts}
        numbers = await labelled(workspace, listing.numbers)
        await workspace.aclose()
        return numbers, infos

    return asyncio.run(read())


def test_list_prints_the_cells_that_the_table_draws(demo, known):
    numbers, _ = known
    drawn = {column.title: column.value for column in owned_table()}
    heading, *lines = demo("list", "--format", "table").out.splitlines()
    titles = re.split(r"\s{2,}", heading.strip())
    assert titles == ["Number", "Name", "Calls go to", "Account", "Status"]
    assert [re.split(r"\s{2,}", line.strip()) for line in lines] == [
        [drawn[title](number) for title in titles] for number in numbers
    ]


def test_show_prints_the_facts_that_the_detail_draws(demo, known):
    numbers, infos = known
    chosen = {}
    for number in numbers:
        target = next(filter(None, number.routing.values()), None)
        chosen.setdefault((number.account, number.type, target and target.kind), number)
    assert len(chosen) > 6
    for number in list(chosen.values())[:12]:
        facts = owned_facts(number, infos[number.account], place_of(number.number))
        drawn = {fact.label: fact.value for fact in facts}
        # A setting may be called as where its channel is delivered, which stands first.
        drawn_first = {fact.label: fact.value for fact in reversed(facts)}
        printed = dict(
            re.split(r"\s{2,}", line.strip(), maxsplit=1)
            for line in demo("show", number.number, "--format", "table").out.splitlines()
        )
        for channel in Channel:
            heading = channel_heading(channel)
            assert printed[heading].partition("  (")[0] == drawn_first[heading]
        printed = {re.sub(r" \[\w+\]$", "", label): words for label, words in printed.items()}
        shared = [label for label in SHARED if label in drawn]
        assert len(shared) >= 8
        assert {label: printed[label] for label in shared} == {
            label: drawn[label] for label in shared
        }


@pytest.mark.parametrize(
    "error", [RateLimited, CredentialsRejected, BadReply, ServerFault, ListingIncomplete]
)
def test_the_status_line_and_the_accounts_screen_call_a_failure_alike(known, error):
    failed = error("a reason that is longer than any line has room for, to its very end")
    account = demo_workspace(load_registry().plugins, 6).accounts[0]
    state = AccountState(account.name, progress=Progress.FAILED, error=failed)
    word = Standing(account).failed(failed).word
    assert state.part().text == f"{account.name}: {word}"
    assert word == failure_words(failed)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("unauthorized", CredentialsRejected),
        ("429", RateLimited),
        ("500", ServerFault),
        ("html", BadReply),
    ],
)
def test_accounts_check_prints_the_word_of_the_accounts_screen(faulty, fault, error):
    ran = faulty(f"vonage:*:{fault}", "accounts", "check", "--format", "table")
    (line,) = [line for line in ran.out.splitlines() if line.startswith("uk-sms")]
    assert failure_words(error("x")) in line


@pytest.mark.parametrize(
    "text",
    [
        "vonage",
        "toll_free",
        "new jersey",
        "confirmed",
        "mms",
        "linked:application",
        "!active",
        "account:uk,us -is:unrouted",
        'to:"Support IVR"',
        "-type:mobile country:gb",
        "place:jersey",
        r"re:^\+44.*7$ !re:desk",
    ],
)
def test_the_same_filter_finds_the_same_numbers_on_both(demo, known, text):
    from tui_numbers.services.locations import UsualAreas
    from tui_numbers.ui.owned_store import key_of
    from tui_numbers.ui.table.model import TableModel

    numbers, infos = known
    text_of = OwnedText(infos, UsualAreas().name)
    model = TableModel(owned_table(), key_of, text_of, layout=OWNED)
    model.sync(numbers)
    model.set_filter(text)
    listed = [one["number"] for one in demo("list", "--filter", text).json]
    assert listed == [number.number for number in model.shown_rows()]


def cells_printed(ran):
    """Return the titles of a printed table and its rows, each as cells by their titles."""
    heading, *lines = ran.out.splitlines()
    titles = re.split(r"\s{2,}", heading.strip())
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines]
    return titles, [dict(zip(titles, row, strict=True)) for row in rows]


def test_search_prints_the_cells_that_the_table_draws(demo):
    async def read():
        workspace = demo_workspace(load_registry().plugins, 60)
        events = [event async for event in search(workspace, StockQuery("GB"), 5)]
        await workspace.aclose()
        return [row for event in events for row in getattr(event, "numbers", ())]

    def place(row):
        return place_words(row.city, row.region, area_of(row.number))

    rows = {international(row.number): row for row in asyncio.run(read())}
    drawn = {column.title: column.value for column in stock_table(place, lambda: None)}
    ran = demo("search", "--country", "GB", "--limit", "5", "--format", "table")
    titles, printed = cells_printed(ran)
    shared = [title for title in titles if title in drawn]
    assert shared == titles
    assert len(printed) > 3
    for cells in printed:
        row = rows[cells["Number"]]
        assert {title: cells[title] for title in shared} == {
            title: drawn[title](row) for title in shared
        }


def test_history_prints_the_cells_that_the_table_draws(served):
    served.run("retarget", AU, "--to", TO, "--yes", "--reason", "IVR is down")
    served.run("set", AU, "friendly=Night desk", "email_to=desk@northline.example", "--yes")
    drawn = {column.title: column.value for column in history_table()}
    titles, printed = cells_printed(served.run("history", "--format", "table"))
    journal = SqliteJournal(Paths.of_user().journal)
    operations = journal.operations()
    journal.close()
    shared = [title for title in titles if title in drawn]
    assert set(titles) - set(shared) == {"Operation"}
    assert [{title: cells[title] for title in shared} for cells in printed] == [
        {title: drawn[title](one) for title in shared} for one in operations
    ]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (("retarget", UK, "--to", TO), "phone +44 20 7946 0999"),
        (("retarget", AU, "--to", "+61491570156"), "already as asked"),
        (("set", AU, "friendly=Night desk", "email_to=desk@northline.example"), "not told -> desk"),
        (("release", UK, "--account", "uk-sms"), "gone from the account"),
        (("buy", "+61255506199", "--account", "au-sales"), "nowhere yet"),
    ],
)
def test_a_preview_prints_the_lines_that_the_confirmation_draws(demo, monkeypatch, words, verdict):
    drawn = []

    def watched(plan, refusal=None, **known):
        lines = plans.plan_lines(plan, refusal, **known)
        drawn.extend(lines)
        return lines

    monkeypatch.setattr(write_dialogue, "plan_lines", watched)
    said = demo(*words, "--dry-run").err.splitlines()
    printed = [line.strip() for line in said if line.startswith("  ")]
    shown = lines_content(drawn).plain.splitlines()
    assert any(verdict in line for line in printed)
    assert [line.replace(": ", " ") for line in printed] == [
        re.sub(r"\s{2,}", " ", line).replace(": ", " ") for line in shown
    ]
