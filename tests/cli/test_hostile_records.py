"""Whole records of random JSON through the real clients into every output.

``HOSTILE_EXAMPLES`` in the environment is the number of records of each provider, 20 without it.
"""

import asyncio
import csv
import io
import json
import os
import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.hostile_text import STRINGS, harm_in
from tests.unit.providers.fonedynamics import helpers as fonedynamics
from tests.unit.providers.parakeet import helpers as parakeet
from tests.unit.providers.vonage import helpers as vonage
from tui_numbers.cli import output
from tui_numbers.cli import output as cli_columns
from tui_numbers.domain.filter_terms import TAGS, WITHIN
from tui_numbers.domain.operations import Action, Actor, Operation, Outcome
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.domain.records import owned_record
from tui_numbers.providers.errors import ProviderError
from tui_numbers.providers.registry import load_registry
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.ui.detail_facts import facts_content, operation_facts, owned_facts
from tui_numbers.ui.text import fit
from tui_numbers.ui.views.table_layouts import history_table, owned_table
from tui_numbers.wording.search_text import OwnedText

INFOS = {key: plugin.info for key, plugin in load_registry().plugins.items()}
COLOURS = re.compile("\x1b\\[(?:3[1-6]|0)m")
"""What the table itself writes around a known word."""
NOW = datetime(2026, 3, 2, tzinfo=UTC)

TIMES = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00", "2026-02-30")
nasty = st.one_of(
    st.sampled_from([one.text for one in STRINGS if len(one.text) < 200]),
    st.sampled_from((*TIMES, "1e999999999", "-0", "NaN", "", " ", "active", "phone:", ":")),
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.text("\x1b\x9b\x00\x07\r\n\t\u202e\u200b\u0301\ufe0f\ud800[]@=a東🇦", max_size=12),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | nasty,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def _record_of(kit, identity):
    keys = [key for key in kit.record() if key not in identity]
    extra = {"voiceCallbackType", "voiceCallbackValue", "moHttpUrl", "app_id", "Flow", "cost"}
    changes = st.dictionaries(st.sampled_from([*keys, *sorted(extra)]), anything, max_size=6)
    return changes.map(lambda changed: {**kit.record(), **changed})


def _body(value, raw):
    """Return JSON that is well formed, or the careless kind with bytes that are no text."""
    text = json.dumps(value, ensure_ascii=not raw)
    return text.encode("utf-8", "surrogatepass")


KITS = {
    "parakeet": (_record_of(parakeet, {"number"}), lambda record: [record],
                 lambda answers: parakeet.account(answers)[0]),
    "fonedynamics": (_record_of(fonedynamics, {"Number"}),
                     lambda record: {"TotalCount": 1, "Numbers": [record]},
                     lambda answers: fonedynamics.account(answers)[0]),
    "vonage": (_record_of(vonage, {"msisdn"}), lambda record: {"count": 1, "numbers": [record]},
               lambda answers: vonage.vonage(answers)[0]),
}  # fmt: skip

bounded = settings(
    max_examples=int(os.environ.get("HOSTILE_EXAMPLES", "20")),
    deadline=None,
    derandomize="HOSTILE_EXAMPLES" not in os.environ,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", params=["Pacific/Auckland", "America/Los_Angeles"])
def _far_away(request):
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def read(provider, record, raw):
    """Return what the real client makes of one record, listed and read alone."""
    _, around, connect = KITS[provider]
    client = connect(lambda request: httpx.Response(200, content=_body(around(record), raw)))

    async def listed():
        return [item async for page in client.owned(OwnedQuery()) for item in page.items]

    return asyncio.run(listed())


def told_beside_settings(number):
    """Return the record of a number without what stays as stored until it is printed."""
    record = owned_record(number)
    del record["settings"]
    for target in filter(None, record["routing"].values()):
        del target["value"]
    return record


def operation_on(number):
    text = number.name or number.id
    return Operation(
        "o", "b", NOW, NOW, Actor(text, text), number.account, number.provider, number.number,
        Action.RETARGET, text, number, replace(number, routing={}), number, Outcome.VERIFIED,
        text, keys=("voice",),
    )  # fmt: skip


def check_screen(number, operation):
    for columns, row in ((owned_table(), number), (history_table(), operation)):
        for column in columns:
            shown = fit(column.value(row), 20)
            assert cell_len(shown) == 20
            assert not harm_in(shown)
            if column.sort_key is not None:
                column.sort_key(row)
    facts = [*owned_facts(number, INFOS[number.provider], None), *operation_facts(operation)]
    assert not harm_in(facts_content(facts, 60).plain, lines=True)
    text_of = OwnedText({number.account: INFOS[number.provider]})
    # What is searched is shown nowhere; a tag is the program's own where a text begins.
    assert not harm_in(re.sub(f"{WITHIN}[{TAGS}]", WITHIN, text_of(number)), lines=True)


def check_outputs(number, operation, capsys):
    for columns, row in (
        (cli_columns.owned_table(frozenset()), number),
        (cli_columns.operation_table(), operation),
    ):
        shown = output.table(columns, [row], None)
        assert shown.count("\n") == 2
        assert not harm_in(COLOURS.sub("", shown), lines=True)
    record = owned_record(number)
    capsys.readouterr()
    output.write_json(record)
    shown = capsys.readouterr().out
    assert not harm_in(shown, lines=True)
    assert json.loads(shown) == record
    flat = cli_columns.flat(record)
    output.write_csv(list(flat), [flat])
    shown = capsys.readouterr().out
    assert not harm_in(shown, lines=True)
    heading, cells = csv.reader(io.StringIO(shown))
    assert len(heading) == len(cells)
    for title, cell in zip(heading, cells, strict=True):
        assert title == "number" or not cell.startswith(tuple("=+-@\t\r"))


def check_journal(operation):
    journal = SqliteJournal(None)
    journal.plan([operation])
    (found,) = journal.operations()
    journal.close()
    for name in ("before", "requested"):
        assert owned_record(getattr(found, name)) == owned_record(getattr(operation, name))
    assert (found.reason, found.actor) == (operation.reason, operation.actor)


@pytest.mark.usefixtures("_far_away")
@pytest.mark.parametrize("provider", KITS)
@pytest.mark.slow_after(3)
def test_any_record_is_read_or_left_out_and_shown_without_harm(provider, capsys):
    @bounded
    @given(record=KITS[provider][0], raw=st.booleans())
    def check(record, raw):
        for number in read(provider, record, raw):
            assert not harm_in(json.dumps(told_beside_settings(number), ensure_ascii=False))
            msgspec.json.encode(owned_record(number))
            operation = operation_on(number)
            check_screen(number, operation)
            check_outputs(number, operation, capsys)
            check_journal(operation)

    check()


@pytest.mark.usefixtures("_far_away")
@pytest.mark.parametrize("told", TIMES)
def test_a_time_that_no_other_zone_has_is_none(told, capsys):
    number = parakeet.owned(created_at=told, updated_at=told)
    assert number.created_at is None
    check_screen(number, operation_on(number))
    check_outputs(number, operation_on(number), capsys)


@pytest.mark.parametrize("provider", KITS)
def test_a_page_with_one_bad_name_is_still_a_page(provider):
    """One name in another encoding, or with half a pair, costs a mark and no number."""
    _, around, connect = KITS[provider]
    kit = {"parakeet": parakeet, "fonedynamics": fonedynamics, "vonage": vonage}[provider]
    key = {"parakeet": "name", "fonedynamics": "Friendly", "vonage": "moHttpUrl"}[provider]
    body = json.dumps(around(kit.record(**{key: "caf@"})))
    for spoilt in (b"\xe9", b"\\ud800", b"\x1b", b"\n", b"\xed\xa0\x80"):
        content = body.encode().replace(b"@", spoilt)
        client = connect(lambda _, content=content: httpx.Response(200, content=content))

        async def listed(client=client):
            return [item async for page in client.owned(OwnedQuery()) for item in page.items]

        (number,) = asyncio.run(listed())
        shown = json.dumps(owned_record(number), ensure_ascii=False)
        assert "caf" in shown
        assert not harm_in(shown)


@pytest.mark.parametrize("provider", KITS)
def test_what_a_provider_says_of_a_failure_is_text(provider):
    for one in STRINGS:
        for status in (400, 401, 403, 500):
            said = {"message": one.text, "error": one.text, "title": one.text, "detail": one.text,
                    "ResponseStatus": {"ErrorCode": one.text, "Message": one.text},
                    "error-code-label": one.text, one.text: one.text}  # fmt: skip
            body = json.dumps(said).encode()
            client = KITS[provider][2](
                lambda _, status=status, body=body: httpx.Response(status, content=body)
            )
            with pytest.raises(ProviderError) as raised:
                asyncio.run(client.check())
            assert not harm_in(str(raised.value)), one.name
            assert len(str(raised.value)) < 1000
            if one.name != "clear":
                break
