"""The rows that stand before Textual is loaded are those that it will draw, cell by cell."""

import asyncio
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.storage.test_snapshot import number
from tui_numbers.cli.dashboard import StartupFrame, rows_text
from tui_numbers.domain import clock
from tui_numbers.services.session import begin_session
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.first_frame import known_lines

CONFIG = """
[accounts.desk]
provider = "vonage"
api_key = "5b0c7d1e"
base_url = "http://127.0.0.1:9"

[accounts.other]
provider = "parakeet"
account_id = "AC0123456789abcdef0123456789abcdef"
base_url = "http://127.0.0.1:9"
"""
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
NAMES = ("Zürich 受付 desk", "a" * 300, "[red]x[/] \x1b[2J", "e\u0301" * 30, None)


@pytest.fixture
def session(monkeypatch):
    path = Path(os.environ["XDG_CONFIG_HOME"], "tui-numbers", "config.toml")
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG)
    made = begin_session()
    for name, count in (("desk", 7), ("other", 120)):
        rows = [
            replace(number(at), account=name, name=NAMES[at % len(NAMES)]) for at in range(count)
        ]
        made.snapshot.save(name, rows, NOW)
    with clock.use(clock.Clock(NOW.timestamp)):
        yield made


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (99, 24), (100, 30), (120, 40), (201, 50)])
@pytest.mark.slow_after(2)
async def test_what_is_painted_first_is_what_the_dashboard_draws(session, size):
    width, height = size
    still = known_lines(session, width, height)
    app, drawn = Dashboard(session), asyncio.Event()
    app._go_on = lambda screen: drawn.set()
    async with app.run_test(size=size):
        async with asyncio.timeout(20):
            await drawn.wait()
        strips = app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip) for strip in strips]
    await session.aclose()
    assert len(still) == height - 3
    count = still[0].split()[-5:]
    assert lines[1].split()[-5:] == count
    assert count[0] == "127"
    for painted, line in zip(still[1:], lines[2:], strict=False):
        assert line.startswith(painted.rstrip())


async def test_what_is_painted_first_has_the_columns_and_the_order_that_are_preferred(session):
    session.remember(
        "ui", {"columns": ["account", "name", "number"], "sort": "-name", "detail": False}
    )
    still = known_lines(session, 120, 30)
    app, drawn = Dashboard(session), asyncio.Event()
    app._go_on = lambda screen: drawn.set()
    async with app.run_test(size=(120, 30)):
        async with asyncio.timeout(20):
            await drawn.wait()
        strips = app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip) for strip in strips]
    await session.aclose()
    assert "Name ▼" in still[1]
    for painted, line in zip(still[1:], lines[2:], strict=False):
        assert line.startswith(painted.rstrip())


def test_nothing_known_leaves_the_frame_as_it_is(monkeypatch):
    made = begin_session()
    assert known_lines(made, 80, 24) == []


def test_a_terminal_that_does_not_take_the_characters_gets_no_rows(monkeypatch):
    asked = []
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    startup = StartupFrame(terminal, {})
    startup.shown = True
    startup.fill(lambda width, height: asked.append(width) or ["row"])
    assert not asked


def test_rows_stand_below_the_title_and_say_that_the_rest_is_loading():
    written = rows_text(["first", "second"], 80, 24, {"NO_COLOR": "1"})
    assert "\x1b[2;1Hfirst" in written
    assert "\x1b[3;1Hsecond" in written
    assert written.endswith("loading")


def test_the_first_rows_need_neither_textual_nor_asyncio(session):
    program = """
import sys
from tui_numbers.cli import dashboard
from tui_numbers.cli.global_flags import Flags
lines = dashboard._known(dashboard._session(Flags()), 80, 24)
assert len(lines) > 10, lines
print(*sys.modules)
"""
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"textual", "asyncio", "httpx", "click", "phonenumbers"}.isdisjoint(loaded)
