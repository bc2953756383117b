"""Seed the Parakeet account: North American desks, users and teams."""

from tui_numbers.sandbox import people
from tui_numbers.sandbox.deterministic_random import digest, token
from tui_numbers.sandbox.records import Address, ParakeetNumber, User
from tui_numbers.sandbox.seeds.owned import (
    OPENED,
    Owned,
    Share,
    created_at,
    owned_numbers,
    updated_at,
)
from tui_numbers.sandbox.world import ParakeetAccount

CUSTOMER_SERVICE = "+12673676170"
"""The first number of the account, whose calls go to the team of that name."""
_PLAN = (
    Share("US", "local", 70),
    Share("CA", "local", 16),
    Share("US", "toll_free", 8),
    Share("GB", "local", 4),
    Share("IE", "local", 2),
)
_ALL = ("voice", "mms", "sms")
_USERS = 64


def _users(seed: int) -> dict[str, User]:
    users = {}
    for index in range(_USERS):
        first = people.FIRST_NAMES[index % len(people.FIRST_NAMES)]
        last = people.LAST_NAMES[(index * 5 + index // 32) % len(people.LAST_NAMES)]
        account = f"{first}.{last}".lower().replace(" ", "")
        user = User(
            id="US" + token(seed, "user", index),
            first_name=first,
            last_name=last,
            email=f"{_ascii(account)}@northline.example",
            role="owner" if index == 0 else "admin" if index % 9 == 1 else "user",
            title=people.JOB_TITLES[index % len(people.JOB_TITLES)],
            created=OPENED + index * 86_400_000,
        )
        users[user.id] = user
    return users


def _ascii(text: str) -> str:
    return text.translate(str.maketrans("öèáıéü", "oeaieu"))


def _addresses(seed: int) -> dict[str, Address]:
    rows = (
        ("Philadelphia office", "1500 Example Street", "Philadelphia", "PA", "19102", "US"),
        ("Toronto office", "88 Sample Avenue", "Toronto", "ON", "M5V 2T6", "CA"),
        ("London office", "12 Specimen Row", "London", "Greater London", "EC1A 1AA", "GB"),
    )
    addresses = {}
    for index, (friendly, street, city, region, code, country) in enumerate(rows):
        key = "AD" + token(seed, "parakeet-address", index)
        addresses[key] = Address(
            key, friendly, "Northline Support", street, None, city, region, code, country,
            created=OPENED,
        )  # fmt: skip
    return addresses


def _target(dice: bytes, teams: list[str], users: list[str]) -> str | None:
    if dice[0] < 8:
        return None
    if dice[0] < 140:
        return teams[dice[1] % len(teams)]
    return users[dice[1] % len(users)]


def _capabilities(kind: str, country: str, dice: bytes) -> tuple[str, ...]:
    if kind == "toll_free":
        return ("voice", "sms") if dice[2] < 128 else ("voice",)
    if country not in ("US", "CA"):
        return ("voice",)
    return _ALL if dice[2] < 190 else ("sms", "voice") if dice[2] < 235 else ("voice",)


def seed_parakeet(count: int, seed: int, taken: set[str]) -> ParakeetAccount:
    """Seed the account with ``count`` numbers."""
    account = ParakeetAccount(users=_users(seed), addresses=_addresses(seed))
    account.teams = {
        "TM" + token(seed, "team", index): name for index, name in enumerate(people.TEAMS)
    }
    teams, users = list(account.teams), list(account.users)
    taken.add(CUSTOMER_SERVICE)
    chosen = [Owned(CUSTOMER_SERVICE, "US", "local")]
    chosen.extend(owned_numbers(_PLAN, count - 1, taken))
    records = account.numbers.records
    for index, owned in enumerate(chosen):
        dice = digest(seed, "parakeet", index)
        created = created_at(index, count, dice)
        first = index == 0
        record = ParakeetNumber(
            id="PN" + dice[::-1].hex(),
            number=owned.number,
            country=owned.country,
            kind=owned.kind,
            target=teams[0] if first else _target(dice, teams, users),
            capabilities=_ALL if first else _capabilities(owned.kind, owned.country, dice),
            created=created,
            updated=updated_at(created, dice),
            status="porting" if dice[3] < 4 and not first else "confirmed",
        )
        records[record.id] = record
    return account
