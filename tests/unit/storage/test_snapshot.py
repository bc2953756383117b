"""What the snapshot keeps, and that no file makes it fail."""

import contextlib
import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import NOT_KNOWN, Channel, Money, OwnedNumber, Target, Undisclosed
from tui_numbers.domain.records import kept_record, owned_from_record, owned_record
from tui_numbers.storage.snapshot import HEAD_ROWS, SCHEMA_VERSION, Snapshot, SnapshotError, pack

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAME = {"desk": "one account"}


def number(at, **changes):
    made = OwnedNumber(
        account="desk",
        provider="fake",
        id=f"N{at}",
        number=E164(f"+4420794{at:05}"),
        country="GB",
        type="local",
        capabilities=("voice", "sms"),
        status="active",
        name=None if at % 3 else f"Désk {at}",
        region=None,
        city="London",
        monthly_cost=Money(Decimal("1.00" if at % 2 else "1.0"), "EUR"),
        routing={Channel.VOICE: Target("team", f"TM{at % 5}", f"Team {at % 5}"), Channel.SMS: None},
        settings={"target": f"team:TM{at % 5}", "note": None},
        created_at=NOON - timedelta(days=at),
        updated_at=None,
        seen_at=NOON,
    )
    return replace(made, **changes)


@pytest.fixture
def snapshot(tmp_path):
    made = Snapshot(tmp_path / "state" / "snapshot.sqlite")
    yield made
    made.close()


def save(snapshot, count, as_of=NOON, identity="one account"):
    numbers = [number(at) for at in range(count)]
    spellings = {one.number: f"shown {one.id}" for one in numbers[:HEAD_ROWS]}
    snapshot.save("desk", identity, numbers, as_of, spellings)
    return numbers


def labels(numbers):
    return [
        [to.label if to else None for to in one.routing.values()]
        + [one.monthly_cost.digits if one.monthly_cost else None]
        for one in numbers
    ]


@pytest.mark.parametrize("count", [0, 1, HEAD_ROWS, HEAD_ROWS + 1, 1_000])
def test_what_was_saved_is_read_again_to_the_last_digit(snapshot, count):
    numbers = save(snapshot, count)
    kept = snapshot.read(SAME)["desk"]
    assert kept.numbers == numbers
    assert labels(kept.numbers) == labels(numbers)
    assert (kept.as_of, kept.count) == (NOON, count)


def test_the_head_is_the_first_rows_with_their_spellings_and_the_whole_count(snapshot):
    numbers = save(snapshot, 1_000)
    kept = snapshot.read(SAME, heads=True)["desk"]
    assert kept.numbers == numbers[:HEAD_ROWS]
    assert kept.count == 1_000
    assert kept.spellings[numbers[0].number] == "shown N0"


def test_the_record_as_received_is_not_kept(snapshot):
    secretive = number(1, received=b'{"token": "s3cret"}')
    snapshot.save("desk", "one account", [secretive], NOON, {})
    assert snapshot.read(SAME)["desk"].numbers[0].received is None
    assert b"s3cret" not in snapshot.path.read_bytes()


def test_what_the_provider_does_not_tell_is_known_as_such(snapshot):
    flow = number(1, settings={"target": Undisclosed("flow")})
    text = number(2, settings={"target": "flow:"})
    snapshot.save("desk", "one account", [flow, text], NOON, {})
    found = snapshot.read(SAME)["desk"].numbers
    assert [owned_record(one)["settings"]["target"] for one in found] == [None, "flow:"]
    assert found[0].settings["target"] == Undisclosed("flow")


def test_the_words_of_the_provider_are_read_again(snapshot):
    told = [{"status": "confirmed"}, {}, {"property": "S1"}, {"status": "confirmed"}]
    numbers = [number(at, told=words) for at, words in enumerate(told)]
    snapshot.save("desk", "one account", numbers, NOON, {})
    read = snapshot.read(SAME)["desk"].numbers
    assert [one.told for one in read] == told


def test_another_account_of_the_same_name_gets_nothing(snapshot):
    save(snapshot, 3)
    assert snapshot.read({"desk": "another account"}) == {}


def test_reading_makes_no_file(snapshot):
    assert snapshot.read(SAME) == {}
    assert not snapshot.path.parent.exists()


def test_nobody_else_may_read_it(snapshot):
    save(snapshot, 3)
    assert snapshot.path.stat().st_mode & 0o777 == 0o600
    assert snapshot.path.parent.stat().st_mode & 0o777 == 0o700


def test_an_earlier_listing_does_not_replace_a_later_one(snapshot):
    save(snapshot, 5)
    save(snapshot, 2, as_of=NOON - timedelta(minutes=1))
    assert snapshot.read(SAME)["desk"].count == 5


@pytest.mark.parametrize("at", [0, HEAD_ROWS + 7])
def test_one_number_is_replaced_and_gone_with_the_next_listing(snapshot, at):
    numbers = save(snapshot, 600)
    changed = replace(numbers[at], name="Night line", seen_at=NOON + timedelta(minutes=5))
    snapshot.replace("desk", "one account", changed.number, changed)
    assert snapshot.read(SAME)["desk"].numbers[at].name == "Night line"
    save(snapshot, 600, as_of=NOON + timedelta(minutes=9))
    assert snapshot.read(SAME)["desk"].numbers == numbers


def test_a_released_number_is_gone_and_a_bought_one_has_its_place(snapshot):
    numbers = save(snapshot, 4)
    snapshot.replace("desk", "one account", numbers[1].number, None)
    bought = number(50)
    snapshot.replace("desk", "one account", bought.number, bought)
    assert snapshot.read(SAME)["desk"].numbers == [numbers[0], *numbers[2:], bought]
    assert snapshot.read(SAME, heads=True)["desk"].numbers == [numbers[0], *numbers[2:]]


def test_accounts_that_are_not_configured_are_dropped(snapshot):
    save(snapshot, 3)
    snapshot.forget_others(["other"])
    assert snapshot.read(SAME) == {}


def junk(path):
    path.write_bytes(b"no database at all, but long enough to be one" * 40)


def other_program(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (id)")
    connection.close()


def newer(path):
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def other_bytes(path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE account SET head = ?", (pack([])[:-1],))
    connection.close()


def other_spellings(path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE account SET spellings = '[1'")
    connection.close()


@pytest.mark.parametrize("spoil", [junk, other_program, newer, cut, other_bytes, other_spellings])
def test_a_file_that_cannot_be_used_is_set_aside_and_a_new_one_begun(snapshot, tmp_path, spoil):
    path = snapshot.path
    if spoil is other_program:
        path.parent.mkdir()
    else:
        save(snapshot, 900)
    snapshot.close()
    spoil(path)
    spoilt = path.read_bytes()
    again = Snapshot(path)
    try:
        try:
            assert again.read(SAME) == {}
        except SnapshotError:
            # It opened, and proved unusable on the way.
            assert again.read(SAME) == {}
        numbers = save(again, 3)
        assert again.read(SAME)["desk"].numbers == numbers
    finally:
        again.close()
    aside = path.with_name(f"{path.name}.aside-1")
    assert aside.read_bytes() == spoilt


@pytest.mark.parametrize("spoil", [cut, other_bytes, other_spellings])
def test_a_file_that_another_program_has_replaced_already_stays(snapshot, spoil):
    save(snapshot, 900)
    snapshot.read(SAME)
    spoil(snapshot.path)
    with contextlib.closing(Snapshot(snapshot.path)) as other:
        for _ in range(2):
            with contextlib.suppress(SnapshotError):
                other.read(SAME)
        numbers = save(other, 3)
        with contextlib.suppress(SnapshotError):
            snapshot.read(SAME)
        assert other.read(SAME)["desk"].numbers == numbers
        assert snapshot.read(SAME)["desk"].numbers == numbers
    assert len(list(snapshot.path.parent.glob("*aside-*"))) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_opened_is_an_error_and_stays(snapshot):
    save(snapshot, 3)
    snapshot.close()
    snapshot.path.chmod(0)
    snapshot.path.parent.chmod(0o500)
    with pytest.raises(SnapshotError):
        Snapshot(snapshot.path).read(SAME)
    snapshot.path.parent.chmod(0o700)


def test_a_directory_in_its_place_is_an_error_and_stays(tmp_path):
    path = tmp_path / "snapshot.sqlite"
    path.mkdir()
    made = Snapshot(path)
    with pytest.raises(SnapshotError):
        made.read(SAME)
    assert path.is_dir()


def test_two_programs_write_side_by_side(snapshot):
    other = Snapshot(snapshot.path)
    try:
        save(snapshot, 3)
        other.save("desk", "one account", [number(9)], NOON + timedelta(seconds=1), {})
        assert snapshot.read(SAME)["desk"].numbers == [number(9)]
    finally:
        other.close()


def test_after_its_end_it_says_so(snapshot):
    save(snapshot, 1)
    snapshot.close()
    with pytest.raises(SnapshotError):
        save(snapshot, 1)
    assert snapshot.path.exists()


def test_who_decides_elsewhere_and_what_is_not_known_are_kept(snapshot):
    said = {Channel.SMS: "the Messaging Service Orders decides where messages go"}
    routing = {Channel.VOICE: None, Channel.SMS: NOT_KNOWN}
    kept = number(1, elsewhere=said, routing=routing, settings={"service": NOT_KNOWN})
    snapshot.save("desk", SAME["desk"], [kept, number(2)], NOON, {})
    first, second = snapshot.read(SAME)["desk"].numbers
    assert first.elsewhere == said
    assert first.routing[Channel.SMS] == NOT_KNOWN
    assert first.settings == {"service": NOT_KNOWN}
    assert second.elsewhere == {}
    journalled = owned_from_record(kept_record(kept))
    assert (journalled.elsewhere, journalled.settings) == (said, kept.settings)
