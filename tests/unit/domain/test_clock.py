"""One clock for everything that is shown, recorded or compared."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import tui_numbers
from tui_numbers.domain import clock
from tui_numbers.domain.clock import Clock

_PACKAGE = Path(tui_numbers.__file__).parent
_OF_DATES = "now|utcnow|today"
_OF_TIME = "time|time_ns|localtime|gmtime|ctime|asctime|strftime|clock_gettime(_ns)?"
_READ = re.compile(f"{_OF_DATES}|{_OF_TIME}")
_READS = re.compile(rf"(date|(datetime\.)?datetime)\.({_OF_DATES})|time\.({_OF_TIME})")
_WORDS = re.compile(
    rf"\b({_OF_DATES}|{_OF_TIME}|astimezone|fromtimestamp)\b|current_", re.IGNORECASE
)
"""One of these is in every text that reads them; to parse all texts takes a second."""
_IMPORTED = frozenset({"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"})
_SQL = re.compile(r"CURRENT_(TIMESTAMP|TIME|DATE)|'now'", re.IGNORECASE)


def _readings(tree):
    """What reads the time of day, or takes a zone that nobody gave."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _READ.fullmatch(node.attr):
            yield from filter(_READS.fullmatch, [ast.unparse(node)])
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (one.name for one in node.names if one.name in _IMPORTED)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            bare = len(node.args) + len(node.keywords)
            if node.func.attr == "astimezone" and not bare:
                yield ast.unparse(node)
            if node.func.attr == "fromtimestamp" and bare < 2:
                yield ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _SQL.findall(node.value)


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "Clock(read=time.time)",
        "time.localtime()",
        "from time import time",
        "moment.astimezone()",
        "datetime.fromtimestamp(3)",
        "run('SELECT CURRENT_TIMESTAMP')",
    ],
)
def test_a_reading_of_the_real_clock_is_found(text):
    assert _WORDS.search(text)
    assert list(_readings(ast.parse(text)))


def test_no_other_module_reads_the_time_of_day_or_the_zone():
    texts = {path: path.read_text("utf-8") for path in _PACKAGE.rglob("*.py")}
    found = {
        path.relative_to(_PACKAGE).as_posix(): list(_readings(ast.parse(text)))
        for path, text in texts.items()
        if _WORDS.search(text)
    }
    assert {name for name, readings in found.items() if readings} == {"domain/clock.py"}


@pytest.mark.parametrize(
    ("zone", "moment", "shown"),
    [
        ("Pacific/Auckland", "2028-02-29T10:59:00Z", "2028-02-29T23:59:00+13:00"),
        ("Europe/London", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00+00:00"),
        ("America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06T01:00:00-03:00"),
        ("Asia/Kathmandu", "2026-12-31T18:14:59Z", "2026-12-31T23:59:59+05:45"),
    ],
)
def test_a_given_clock_tells_the_time_and_the_zone(zone, moment, shown):
    given = datetime.fromisoformat(moment)
    with clock.use(Clock(given.timestamp, ZoneInfo(zone))):
        assert (clock.now(), clock.now().tzinfo) == (given, UTC)
        assert clock.timestamp() == given.timestamp()
        assert clock.local(clock.now()).isoformat() == shown
    assert clock.now() != given


@pytest.mark.parametrize(
    ("zone", "typed", "first", "last"),
    [
        ("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ("America/New_York", "2026-11-01T01:00", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"),
        ("Pacific/Auckland", "2028-02-29T23:59", "2028-02-29T10:59:00Z", "2028-02-29T10:59:00Z"),
    ],
)
@pytest.mark.parametrize("by_variable", [False, True], ids=["given", "of the machine"])
def test_a_local_time_that_happens_twice_is_the_first_or_the_last(
    zone, typed, first, last, by_variable, local_zone
):
    if by_variable:
        local_zone(zone)
    wanted = [datetime.fromisoformat(first), datetime.fromisoformat(last)]
    naive = datetime.fromisoformat(typed)
    with clock.use(Clock(zone=None if by_variable else ZoneInfo(zone))):
        found = [clock.from_local(naive, latest=latest) for latest in (False, True)]
    assert found == wanted
