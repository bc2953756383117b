"""The journal of a team in PostgreSQL: what only a database that many machines share can meet."""

import os
import pwd
import queue
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import postgres
from tests.support.fake_provider import ACCOUNT, NUMBER, OTHER, owned
from tests.support.journals import root_of, store_of
from tests.support.keyrings import Memory
from tests.support.operations import operation
from tui_numbers.domain import clock
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.operations import JournalError, Outcome, Overtaken
from tui_numbers.services.config import Config
from tui_numbers.services.keyring import Keyring, Picked
from tui_numbers.services.paths import Paths
from tui_numbers.services.session_factory import journal_of
from tui_numbers.storage import postgres_journal
from tui_numbers.storage.postgres_journal import PostgresJournal

HERE = socket.gethostname()


@pytest.fixture
def server(tmp_path_factory):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    return postgres.shared_server(root_of(tmp_path_factory))


@pytest.fixture
def store(tmp_path, tmp_path_factory):
    with store_of("postgresql", tmp_path, root_of(tmp_path_factory)) as made:
        yield made


@pytest.fixture
def proxy(server):
    made = postgres.CuttingProxy(server.port)
    yield made
    made.close()


def test_a_proxy_that_is_closed_leaves_no_thread():
    before = set(threading.enumerate())
    postgres.CuttingProxy(1).close()
    assert set(threading.enumerate()) <= before


@pytest.fixture
def through(store, server, proxy):
    """The journal behind a line that can be cut."""
    journal = PostgresJournal(store.url.replace(f":{server.port}/", f":{proxy.port}/"))
    yield journal
    journal.close()


@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize("message", range(9))
def test_an_intention_is_recorded_or_known_not_to_be_wherever_the_line_is_cut(
    store, proxy, through, message, arrives
):
    through.operations()
    proxy.cut(message, arrives=arrives)
    asked = operation("a1", host=HERE)
    try:
        through.begin(asked, 0)
    except JournalError:
        assert proxy.has_cut
        # The next write, whatever it is, leaves nothing that looks as if it were under way.
        through.begin(operation("b1", number=OTHER, host=HERE), 0)
        found = store.open().get("a1")
        assert found is None or found.outcome is Outcome.REFUSED
        assert store.open().mark(ACCOUNT.name, NUMBER) == (0 if found is None else 1)
    else:
        assert store.open().get("a1").outcome is None


@pytest.mark.parametrize("message", range(9))
def test_an_intention_that_arrives_late_is_known_not_to_be(store, proxy, through, message):
    through.operations()
    proxy.goes_on.clear()
    proxy.cut(message, arrives=True)
    try:
        through.begin(operation("a1", host=HERE), 0)
    except JournalError:
        through.begin(operation("b1", number=OTHER, host=HERE), 0)
        proxy.goes_on.set()
        _all_have_ended(store.url)
        through.close()
        found = store.open().get("a1")
        assert found is None or found.outcome is Outcome.REFUSED


def _all_have_ended(url):
    """Wait until no other transaction is under way in a database."""
    import psycopg

    under_way = (
        "SELECT 1 FROM pg_stat_activity WHERE xact_start IS NOT NULL "
        "AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(under_way).fetchone():
            pass


@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize("message", range(6))
def test_an_outcome_is_recorded_once_the_line_is_there_again(
    store, proxy, through, message, arrives
):
    through.begin(operation("a1", host=HERE), 0)
    proxy.cut(message, arrives=arrives)
    try:
        through.finish("a1", Outcome.VERIFIED, owned(), None)
    except JournalError:
        assert proxy.has_cut
        through.begin(operation("b1", number=OTHER, host=HERE), 0)
    assert store.open().get("a1").outcome is Outcome.VERIFIED


def test_of_many_programs_at_one_number_one_alone_begins(store):
    journals = [store.open() for _ in range(6)]
    barrier = threading.Barrier(6)

    def write(at):
        mark = journals[at].mark(ACCOUNT.name, NUMBER)
        barrier.wait()
        try:
            journals[at].begin(operation(f"a{at}", host=f"host{at}"), mark)
        except Overtaken:
            return 0
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(write, range(6))) == 1
    assert len(store.open().operations()) == 1


def test_an_end_is_claimed_once_by_many_runners(store):
    first = store.open()
    past = first.now() - timedelta(hours=1)
    for at in range(20):
        first.begin(operation(f"a{at}", number=f"+44770090{at:04}", host=HERE, until=past))
        first.finish(f"a{at}", Outcome.VERIFIED, None, None)
    journals = [store.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        claims = pool.map(lambda at: journals[at].claim_due(f"r{at}", [ACCOUNT.name]), range(4))
        found = [end.operation for each in claims for end in each]
    assert sorted(found) == sorted(f"a{at}" for at in range(20))


def test_the_clock_of_the_database_decides_what_is_due(store):
    journal = store.open()
    journal.begin(operation("a1", host=HERE, until=journal.now() + timedelta(minutes=30)))
    journal.finish("a1", Outcome.VERIFIED, None, None)
    real = journal.now().timestamp()
    with clock.use(clock.Clock(lambda: real + 3600)):
        assert journal.claim_due("r1", [ACCOUNT.name]) == []
        assert abs(journal.clock_skew + timedelta(hours=1)) < timedelta(minutes=1)


def test_many_programs_make_the_tables_once(store):
    journals = [store.open() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda one: one.operations(), journals)) == [[]] * 6


def test_a_later_schema_is_refused_with_words(store):
    store.open().operations()
    store.run("UPDATE journal_schema SET version = 99")
    with pytest.raises(JournalError, match=r"schema 99, this one knows 1.*update the program"):
        store.open().operations()


def test_tables_of_something_else_are_left_alone(store):
    store.run("CREATE TABLE operation (id TEXT)")
    with pytest.raises(JournalError, match="of something else"):
        store.open().operations()


def test_a_standby_is_read_and_refuses_writes_with_words(store):
    journal = store.open()
    journal.begin(operation("a1", host=HERE))
    name = store.url.rpartition("/")[2]
    store.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    again = store.open()
    assert [one.id for one in again.operations()] == ["a1"]
    with pytest.raises(JournalError, match="takes no writes just now"):
        again.begin(operation("a2", number=OTHER))


def test_a_lock_that_another_holds_for_long_ends_in_words(store, monkeypatch):
    import psycopg

    monkeypatch.setattr(postgres_journal, "STATEMENT_SECONDS", 0.2)
    journal = store.open()
    journal.operations()
    with psycopg.connect(store.url) as other:
        other.execute("LOCK TABLE operation")
        with pytest.raises(JournalError, match="did not answer in time"):
            journal.begin(operation("a1"))


def test_a_database_that_is_away_is_told_and_used_again_once_it_is_back(store, server):
    journal = store.open()
    journal.begin(operation("a1", host=HERE))
    with store.broken(journal):
        with pytest.raises(JournalError, match=r"postgresql://.* cannot be used: "):
            journal.finish("a1", Outcome.VERIFIED, None, None)
        with pytest.raises(JournalError):
            journal.operations()
    journal.begin(operation("a2", number=OTHER, host=HERE))
    assert journal.get("a1").outcome is Outcome.VERIFIED


def test_no_password_is_in_its_name_or_its_errors(server):
    journal = PostgresJournal("postgresql://ann@127.0.0.1:1/calls", lambda: Secret("geheim"))
    assert journal.where == "postgresql://ann@127.0.0.1:1/calls"
    with pytest.raises(JournalError) as error:
        journal.operations()
    assert "geheim" not in str(error.value)


PASSWORD = "geheim'= %40x"
"""With what has a meaning in URLs and in libpq's own form."""


@pytest.fixture(scope="module")
def careful():
    """A server that asks the role ``anna`` for a password, or who she is at this machine."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    server = postgres.new_server()
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            word = psycopg.sql.Literal(PASSWORD)
            connection.execute(psycopg.sql.SQL("CREATE ROLE anna LOGIN PASSWORD {}").format(word))
            connection.execute("CREATE DATABASE calls OWNER anna")
        rules = Path(server.data) / "pg_hba.conf"
        asked = (
            "host all anna 127.0.0.1/32 scram-sha-256\n"
            "local all anna peer map=operators\n"
            "local all ben peer map=operators\n"
        )
        rules.write_text(asked + rules.read_text())
        user = pwd.getpwuid(os.geteuid()).pw_name
        (Path(server.data) / "pg_ident.conf").write_text(f"operators {user} anna\n")
        server.control("reload")
        yield server
    finally:
        postgres.discard(server)


@pytest.fixture
def locked(careful):
    """What connects as ``anna`` where she needs a password."""
    return f"postgresql://anna@127.0.0.1:{careful.port}/calls"


def by_peer(server, role):
    return f"postgresql:///calls?host={quote(server.data, safe='')}&port={server.port}&user={role}"


@pytest.fixture
def nothing_known(monkeypatch, tmp_path):
    """Let libpq know no password: not even that of whoever runs the tests."""
    for name in ("PGPASSWORD", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))


def kept_in(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def never():
    raise AssertionError("the keyring was asked although libpq knows a password")


def uses(journal, name):
    journal.begin(operation(name, number=OTHER, host=HERE), None)
    journal.finish(name, Outcome.VERIFIED, None, None)
    journal.close()


def test_the_password_is_taken_from_the_file_that_libpq_reads(
    locked, nothing_known, monkeypatch, tmp_path
):
    kept = kept_in(tmp_path / "pgpass", f"127.0.0.1:*:calls:anna:{PASSWORD}\n")
    monkeypatch.setenv("PGPASSFILE", kept)
    uses(PostgresJournal(locked, never), "f1")


def test_the_service_of_libpq_names_host_and_password(locked, nothing_known, monkeypatch, tmp_path):
    port = locked.rpartition(":")[2].partition("/")[0]
    text = f"[calls]\nhost=127.0.0.1\nport={port}\ndbname=calls\nuser=anna\npassword={PASSWORD}\n"
    monkeypatch.setenv("PGSERVICEFILE", kept_in(tmp_path / "services", text))
    journal = PostgresJournal("postgresql://?service=calls", never)
    assert journal.where == "postgresql://?service=calls"
    uses(journal, "s1")


def test_the_keyring_is_asked_for_a_password_where_libpq_knows_none(locked, nothing_known):
    memory = Memory()
    memory.entries["tui-numbers", "journal"] = PASSWORD
    keyring = Keyring({}, 3.0, lambda environment: Picked(memory, "Memory"))
    uses(journal_of(Paths.of_user(), Config(journal=locked), keyring), "k1")
    assert memory.calls == [("get", "journal")]


def test_a_user_whom_the_server_knows_at_this_machine_needs_no_password(careful, nothing_known):
    uses(PostgresJournal(by_peer(careful, "anna"), never), "p1")
    stranger = PostgresJournal(by_peer(careful, "ben"), lambda: None)
    with pytest.raises(JournalError, match="ben"):
        stranger.operations()


@pytest.mark.parametrize("word", [None, "falsch"])
def test_a_missing_or_wrong_password_is_told_without_it(locked, nothing_known, word, caplog):
    journal = PostgresJournal(locked, lambda: Secret(word) if word else None)
    with pytest.raises(JournalError, match="password") as error:
        journal.operations()
    told = f"{error.value!r} {error.value.__cause__!r} {journal!r} {vars(journal)!r} {caplog.text}"
    assert "falsch" not in told


def test_an_open_journal_shows_its_password_nowhere(locked, nothing_known, caplog):
    journal = PostgresJournal(locked, lambda: Secret(PASSWORD))
    journal.operations()
    assert "geheim" not in f"{journal!r} {vars(journal)!r} {journal.where} {caplog.text}"
    journal.close()


def test_others_doings_are_told_to_who_watches(store):
    heard = queue.Queue()
    watching, other = store.open(), store.open()
    watching.operations()
    stop = watching.watch(heard.put)
    # Listening has begun: what was done until then is told by none.
    assert heard.get(timeout=5) == ()
    watching.begin(operation("own", number=OTHER, host=HERE))
    other.begin(operation("a1", host=HERE))
    assert heard.get(timeout=5) == ("a1",)
    other.finish("a1", Outcome.VERIFIED, None, None)
    assert heard.get(timeout=5) == ("a1",)
    stop()


def test_who_watches_is_told_when_the_line_is_lost_and_when_it_is_there_again(store):
    heard = queue.Queue()
    watching = store.open()
    stop = watching.watch(heard.put, heard.put)
    assert heard.get(timeout=5) == ()
    store.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE left(query, 6) = 'LISTEN'"
        " AND datname = current_database()"
    )
    problem = heard.get(timeout=5)
    assert problem.startswith(f"the journal {watching.where} cannot be used: ")
    assert [heard.get(timeout=5), heard.get(timeout=5)] == [None, ()]
    stop()


def test_both_stores_keep_the_same_columns(store, tmp_path):
    from tui_numbers.storage.sqlite_journal import SqliteJournal

    store.open().operations()
    file = SqliteJournal(tmp_path / "journal.db")
    file.begin(operation())
    for table in ("operation", "ending", "rehearsal", "handover"):
        rows = store.run(
            "SELECT column_name FROM information_schema.columns WHERE table_name = ?", (table,)
        )
        kept = file._opened.connection.execute(f"SELECT * FROM {table}").description
        assert {name for (name,) in rows} == {each[0] for each in kept}
    file.close()
