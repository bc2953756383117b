"""Every test runs in a home of its own: nothing of the user's is read, nothing is left there."""

import gc
import os
import time
from collections import Counter
from datetime import datetime
from functools import cache
from itertools import chain, count, groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from syrupy.report import SnapshotReport

from tests.support import postgres
from tui_numbers.domain import clock
from tui_numbers.services import containment
from tui_numbers.storage.snapshot import Snapshot
from tui_numbers.storage.sqlite_journal import SqliteJournal

# How long an example takes tells of the machine, and of what else it does.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("unhurried"), max_examples=20)
settings.load_profile("unhurried")


_TESTS = f"{Path(__file__).parent}/"

collect_ignore = ["example_plugin"]
"""A package of its own, with tests that CI runs where it is installed."""

_PTY = (
    "cli/test_terminal.py",
    "e2e/network/test_real_program.py",
    "e2e/terminal",
    "ui/terminal_driver/test_terminal_equality.py",
    "ui/terminal_driver/test_terminal_line.py",
    "ui/terminal_driver/test_terminal_tmux.py",
)
"""Directories and files whose tests run a program in a terminal of its own."""

_SLOW = (
    "cli/test_examples.py",
    "cli/test_hostile_output.py",
    "cli/test_hostile_records.py",
    "cli/test_port.py",
    "cli/test_stored_exactly.py",
    "contract/test_telnyx_document.py",
    "contract/test_twilio_document.py",
    "contract/test_vonage_document.py",
    "contract/test_vonage_schemathesis.py",
    "contract/faulty_answers",
    "e2e/accounts",
    "e2e/disk",
    "e2e/endurance",
    "e2e/network",
    "e2e/writes",
    "ui/test_available_view.py",
    "ui/test_flows.py",
    "ui/test_flows_recorded.py",
    "ui/test_form.py",
    "ui/test_hostile_sinks.py",
    "ui/test_hostile_text.py",
    "ui/test_imports.py",
    "ui/test_gc_tuning.py",
    "ui/test_mash.py",
    "ui/test_team.py",
    "unit/accounts/test_secret_service.py",
    "unit/sandbox/test_world.py",
    "unit/services/test_team.py",
    "unit/storage/test_postgres_journal.py",
)
"""Directories and files that take long, or run a program over and over."""

_WAITING = ("e2e", "ui/test_mash.py", *_PTY)
"""Directories and files whose tests wait for programs, servers and clocks for long."""

_SLOW_AFTER = {"contract/test_contract.py": 2}
"""Files whose tests, written in the package for others too, have so many quick cases each."""


_MEMORY = "/dev/shm"
_ROOM = 2**30
"""Bytes, many times those that a run leaves."""


@cache  # Thousands of tests are in a few hundred files.
def _is_in(path, places):
    # As text: paths made for each place took a quarter of the collection.
    inner = path.as_posix().removeprefix(_TESTS)
    return any(inner == one or inner.startswith(f"{one}/") for one in places)


@cache
def _quick_cases(path):
    """Return how many cases of each of a file's tests are quick; None where the file says it."""
    return _SLOW_AFTER.get(path.as_posix().removeprefix(_TESTS))


def _left_out(config):
    """Return the directories and files of which a run's ``-m`` asks for no test."""
    asked = config.option.markexpr
    if " or " in asked:
        return ()
    return (*(_SLOW if "not slow" in asked else ()), *(_PTY if "not pty" in asked else ()))


def pytest_ignore_collect(collection_path, config):
    """Import no file whose tests are all left out, unless it is asked for by name."""
    left_out = _left_out(config)
    if not _is_in(collection_path, left_out):
        return None
    named = (Path(one.partition("::")[0]).absolute() for one in config.args)
    return None if any(_is_in(one, left_out) for one in named) else True


def pytest_xdist_auto_num_workers(config):
    """Start two workers a core: terminals, processes and paced screens are waited for.

    Where those are left out, a worker for each core has it to itself.
    """
    if not hasattr(os, "sched_getaffinity"):
        return None
    cores = len(os.sched_getaffinity(0))
    return max(2, cores) if _left_out(config) == (*_SLOW, *_PTY) else 2 * cores


def pytest_configure(config):
    """Choose where files lie and, unless a profile is asked for, how many examples are tried."""
    _keep_files_in_memory()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Which snapshots are unused takes seconds to find, for a page that no worker prints.
        SnapshotReport.lines = ()
    if "not slow" in config.option.markexpr and not config.getoption("--hypothesis-profile"):
        settings.load_profile("quick")


def _keep_files_in_memory():
    """Spare thousands of journals their waits for a disk, where memory has room for files."""
    if "PYTEST_DEBUG_TEMPROOT" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return
    found = os.statvfs(_MEMORY)
    runs_programs = not found.f_flag & os.ST_NOEXEC
    if runs_programs and found.f_bavail * found.f_frsize > _ROOM:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = _MEMORY


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    cases = Counter()
    for item in items:
        if _is_in(item.path, _PTY):
            item.add_marker("pty")
        if _is_in(item.path, _SLOW):
            item.add_marker("slow")
        several = item.get_closest_marker("slow_after")
        quick = _quick_cases(item.path) if several is None else several.args[0]
        if quick is not None:
            name = item.nodeid.partition("[")[0]
            cases[name] += 1
            if cases[name] > quick:
                item.add_marker("slow")
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = _spread(items, workers)


def _spread(items, workers):
    """Let each worker begin with its share of the files that wait for long.

    Left to the end, they would be waited for by workers that have nothing else to do.
    """
    waiting = [item for item in items if _is_in(item.path, _WAITING)]
    others = [item for item in items if not _is_in(item.path, _WAITING)]
    shares = [[] for _ in range(workers)]
    for at, (_, cases) in enumerate(groupby(waiting, key=lambda item: item.path)):
        shares[at % workers] += cases
    # Each worker is given as many cases as the others, and takes from them when it has no more.
    given = 0
    for at, share in enumerate(shares):
        room = max(0, (len(items) - given) // (workers - at) - len(share))
        share.extend(others[:room])
        del others[:room]
        given += len(share)
    return [*chain.from_iterable(shares), *others]


_MORE_GARBAGE = 10_000, 20, 20


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Spare the collector of garbage the thousands of tests, which live to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_MORE_GARBAGE)
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _given_time():
    """Let the tests begin at ``TEST_TIME``, an ISO 8601 time, where it is set; ``TZ`` is the zone.

    Programs that a test starts go by the time of the machine.
    """
    asked = os.environ.get("TEST_TIME")
    if not asked:
        yield
        return
    ahead = datetime.fromisoformat(asked).timestamp() - time.time()
    with clock.use(clock.Clock(lambda: time.time() + ahead)):
        yield


@pytest.fixture(autouse=True, scope="session")
def _ask_at_once():
    """Let a number wait for those that are asked for beside it as short as can be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containment, "_GATHERING_SECONDS", 0.001)
        yield


@pytest.fixture(autouse=True, scope="session")
def _homes(tmp_path_factory):
    """Return the paths of one home after another."""
    # Apart from what the factory makes: it looks through all of that each time.
    homes = tmp_path_factory.mktemp("homes", numbered=False)
    return (f"{homes}/{number}" for number in count())


@pytest.fixture(autouse=True)
def _own_home(_homes, monkeypatch):
    home = next(_homes)
    os.mkdir(home, 0o700)  # noqa: PTH102 - for every test, so as quick as can be
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", f"{home}/{name.lower()}")
    for name in os.environ:
        ours = name.startswith(("TUI_NUMBERS_", "_TUI_NUMBERS_")) and name != _SPECS
        if ours or name in _OF_THE_TERMINAL:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _opened():
    """Collect the journals and snapshots that are made, the oldest first."""
    made = []
    with pytest.MonkeyPatch.context() as patch:
        for kind in (SqliteJournal, Snapshot):

            def remembered(self, *words, real=kind.__init__, **more):
                real(self, *words, **more)
                made.append(self)

            patch.setattr(kind, "__init__", remembered)
        yield made


@pytest.fixture(autouse=True)
def _files_are_closed(_opened):
    """Close the journals and snapshots that a test makes, and leaves open."""
    # What wider fixtures made before is theirs.
    _opened.clear()
    yield
    for one in _opened:
        one.close()


@pytest.fixture
def local_zone():
    """Set the zone of this process, and of those that it starts, by its IANA name."""
    with pytest.MonkeyPatch.context() as patch:

        def chosen(name):
            patch.setenv("TZ", name)
            time.tzset()

        yield chosen
    time.tzset()


_SPECS = "TUI_NUMBERS_SPECS"
"""Where the providers' published documents are: of the tests, not of the user."""

_OF_THE_TERMINAL = (
    "NO_COLOR", "COLUMNS", "LINES", "SSH_CONNECTION", "SSH_CLIENT", "TMUX",
    "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "PYTHON_KEYRING_BACKEND", "DISPLAY",
    "WAYLAND_DISPLAY",
)  # fmt: skip


def pytest_sessionfinish(session):
    """Stop the database server of this run, where a test started one."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        factory = getattr(session.config, "_tmp_path_factory", None)
        if factory is not None:
            postgres.discard_shared(factory.getbasetemp())
