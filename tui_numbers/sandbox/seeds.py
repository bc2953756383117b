"""Seed the accounts of the world before the first request: who works there, what each owns."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tui_numbers.sandbox.accounts import FONEDYNAMICS_PROPERTY_SID, FONEDYNAMICS_SECOND_PROPERTY_SID
from tui_numbers.sandbox.records import (
    Address,
    Flow,
    FoneNumber,
    ParakeetNumber,
    Property,
    User,
    digest,
    token,
)
from tui_numbers.sandbox.stock import RESERVED, Block, ordinary
from tui_numbers.sandbox.world import FoneDynamicsAccount, ParakeetAccount

FIRST_NAMES = (
    "Amara", "Björn", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hiro",
    "Imogen", "Jamal", "Katya", "Liam", "Mei", "Nadia", "Oscar", "Priya",
    "Quentin", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wanjiru", "Xavier",
    "Yasmin", "Zoltan", "Aoife", "Bram", "Chiara", "Dilan", "Eero", "Fatima",
)  # fmt: skip


LAST_NAMES = (
    "Okafor", "Lindqvist", "Moreno", "Volkov", "Petrou", "Haddad", "Whitfield", "Tanaka",
    "Prescott", "Bryant", "Ivanova", "Doyle", "Chen", "Rahman", "Nilsson", "Nair",
    "Lefèvre", "Delgado", "Aziz", "Halvorsen", "Krishnan", "Horváth", "Kamau", "Dubois",
    "El Amrani", "Szabó", "Byrne", "de Vries", "Ricci", "Yıldız", "Virtanen", "Siddiqui",
)  # fmt: skip


JOB_TITLES = (
    "Support Agent", "Team Lead", "Account Manager", "Dispatcher", "Receptionist",
    "Engineer on Duty", "Billing Specialist", "Field Coordinator",
)  # fmt: skip


TEAMS = (
    "Customer Service", "Night Desk", "Sales West", "Sales East", "Billing", "Dispatch",
    "Field Service", "Front Desk", "Returns", "Clinic Line", "Roadside Help", "Enterprise Care",
    "Claims", "Bookings",
)  # fmt: skip


FLOWS = (
    "After hours", "Main menu", "Sales queue", "Support queue", "Holiday message",
    "Branch finder", "Voicemail to e-mail", "Overflow", "Emergency line",
)  # fmt: skip


PROPERTIES: tuple[tuple[str, str, str], ...] = (
    ("Southern Retail", "southern-retail.example", "Australia/Sydney"),
    ("Tasman Services", "tasman-services.example", "Pacific/Auckland"),
)


LABEL_PLACES = (
    "Sydney", "Melbourne", "Brisbane", "Perth", "Adelaide", "Hobart", "Darwin", "Geelong",
    "Newcastle", "Cairns", "Canberra", "Wollongong",
)  # fmt: skip


LABEL_PURPOSES = (
    "sales", "service", "front desk", "parts counter", "bookings", "billboard", "newsletter",
    "radio spot", "warranty", "trade enquiries",
)  # fmt: skip


ATTRIBUTION_SOURCES = ("web", "print", "radio", "outdoor", "partner")


ATTRIBUTION_MEDIUMS = ("cpc", "organic", "flyer", "billboard", "referral")


ATTRIBUTION_CAMPAIGNS = ("autumn-2025", "winter-2026", "brand", "reopening", "trade-days")


ATTRIBUTION_CONTENTS = ("header", "footer", "variant-a", "variant-b")


OPENED = 1_672_738_200_000
"""3 January 2023, when the accounts were opened."""


QUIET_SINCE = 1_790_000_000_000
"""September 2026: nothing in a seeded world is younger."""


def created_at(position: int, count: int, dice: bytes) -> int:
    """Return when the number at ``position`` of ``count`` was added; later ones are younger."""
    span = QUIET_SINCE - OPENED
    return OPENED + span * position // max(count, 1) // 2 + int.from_bytes(dice[8:11], "big")


def updated_at(created: int, dice: bytes) -> int:
    """Return when it was last changed, which is never before it was added."""
    return created + (QUIET_SINCE - created) * dice[11] // 256


class Share(NamedTuple):
    """So much of an account is numbers of this country and type."""

    country: str
    kind: str
    weight: int


class Owned(NamedTuple):
    """One number that an account is seeded with."""

    number: str
    country: str
    kind: str
    city: str | None = None
    region: str | None = None


def _round_robin(blocks: tuple[Block, ...]) -> Iterator[tuple[str, Block]]:
    for index in range(max((block.capacity for block in blocks), default=0)):
        for block in blocks:
            if index < block.capacity:
                yield block.at(index), block


def _stream(share: Share, taken: set[str]) -> Iterator[Owned]:
    """Yield untaken numbers, those of reserved ranges first."""
    country, kind, _ = share
    for blocks in (RESERVED.get((country, kind), ()), ordinary(country, kind)):
        for number, block in _round_robin(blocks):
            if number not in taken:
                taken.add(number)
                yield Owned(number, country, kind, block.city, block.region)


def owned_numbers(plan: tuple[Share, ...], count: int, taken: set[str]) -> Iterator[Owned]:
    """Yield ``count`` numbers, the plan's countries mixed evenly by their weights."""
    streams = {share: _stream(share, taken) for share in plan}
    credit = dict.fromkeys(plan, 0)
    total = sum(share.weight for share in plan)
    produced = 0
    while produced < count and streams:
        for share in streams:
            credit[share] += share.weight
        richest = max(streams, key=credit.__getitem__)
        credit[richest] -= total
        item = next(streams[richest], None)
        if item is None:
            del streams[richest]
            total -= richest.weight
            continue
        produced += 1
        yield item


CUSTOMER_SERVICE = "+12673676170"
"""The first number of the account, whose calls go to the team of that name."""


_PARAKEET_PLAN = (
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
        first = FIRST_NAMES[index % len(FIRST_NAMES)]
        last = LAST_NAMES[(index * 5 + index // 32) % len(LAST_NAMES)]
        account = f"{first}.{last}".lower().replace(" ", "")
        user = User(
            id="US" + token(seed, "user", index),
            first_name=first,
            last_name=last,
            email=f"{_ascii(account)}@northline.example",
            role="owner" if index == 0 else "admin" if index % 9 == 1 else "user",
            title=JOB_TITLES[index % len(JOB_TITLES)],
            created=OPENED + index * 86_400_000,
        )
        users[user.id] = user
    return users


def _ascii(text: str) -> str:
    return text.translate(str.maketrans("öèáıéü", "oeaieu"))


def _parakeet_addresses(seed: int) -> dict[str, Address]:
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
    account = ParakeetAccount(users=_users(seed), addresses=_parakeet_addresses(seed))
    account.teams = {"TM" + token(seed, "team", index): name for index, name in enumerate(TEAMS)}
    teams, users = list(account.teams), list(account.users)
    taken.add(CUSTOMER_SERVICE)
    chosen = [Owned(CUSTOMER_SERVICE, "US", "local")]
    chosen.extend(owned_numbers(_PARAKEET_PLAN, count - 1, taken))
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


SALES_DESK = "+61255506170"
"""The first number of the account, which rings a phone."""


_FONEDYNAMICS_PLAN = (
    Share("AU", "local", 56),
    Share("NZ", "local", 14),
    Share("AU", "toll_free", 10),
    Share("AU", "shared_cost", 8),
    Share("AU", "national", 5),
    Share("NZ", "toll_free", 3),
    Share("GB", "local", 2),
    Share("US", "local", 2),
)


_MOBILES = tuple(
    f"+61491{tail}"
    for tail in (570006, 570110, 570156, 570157, 570158, 570159, 570313, 570737, 571266, 571491)
)


_CAPABILITIES = {
    "local": ("Voice", "Voice,SMS", "Voice"),
    "toll_free": ("Voice", "Voice", "Voice"),
    "shared_cost": ("Voice", "Voice", "Voice"),
    "national": ("Voice,SMS", "Voice,SMS,MMS", "Voice"),
}


def _flows(seed: int) -> dict[str, Flow]:
    flows = {}
    for property_index, sid in enumerate(_PROPERTIES):
        for index, name in enumerate(FLOWS):
            config_id = token(seed, "flow", property_index, index)[:8]
            flows[config_id] = Flow(
                config_id, sid, str(index % 5 + 1), name, "Voice",
                OPENED // 1000 + 86_400 * (index * 60 + property_index),
            )  # fmt: skip
    return flows


def _fonedynamics_addresses(seed: int) -> dict[str, Address]:
    rows = (
        ("Head office", "1 Example Road", "Sydney", "NSW", "2000", "AU"),
        ("Warehouse", "20 Sample Street", "Melbourne", "VIC", "3000", "AU"),
        ("Auckland branch", "5 Specimen Quay", "Auckland", "Auckland", "1010", "NZ"),
    )
    addresses = {}
    for index, (friendly, line, city, region, code, country) in enumerate(rows):
        sid = "D" + token(seed, "fone-address", index).upper()[1:]
        addresses[sid] = Address(
            sid, friendly, "", line, None, city, region, code, country, reference=f"SITE-{index}"
        )
    return addresses


_PROPERTIES = (FONEDYNAMICS_PROPERTY_SID, FONEDYNAMICS_SECOND_PROPERTY_SID)


def _phone(dice: bytes) -> str:
    return _pick(_MOBILES, dice[2]) if dice[3] < 128 else f"+6127010{dice[2]:04d}"


def _fonedynamics_routing(dice: bytes, flows: list[str]) -> dict[str, Any]:
    """Return where a number rings: a phone, a flow, a flow that reads do not name, or nowhere."""
    if dice[0] < 150:
        return {"routing": "Endpoint", "endpoint": _phone(dice)}
    if dice[0] < 235:
        flow = flows[dice[1] % len(flows)]
        # Numbers routed before reads learnt to name the flow still come without it.
        return {"routing": "Flow", "flow": flow, "flow_shown": dice[0] < 215}
    return {"routing": "Endpoint", "endpoint": None}


def _labels(dice: bytes) -> dict[str, Any]:
    place = LABEL_PLACES[dice[4] % len(LABEL_PLACES)]
    purpose = LABEL_PURPOSES[dice[5] % len(LABEL_PURPOSES)]
    labels: dict[str, Any] = {"recording": "Call" if dice[6] < 80 else "Off"}
    if dice[7] >= 20:
        labels["friendly"] = f"{place} {purpose}"
    if dice[8] < 110:
        labels["attribution_source"] = _pick(ATTRIBUTION_SOURCES, dice[9])
        labels["attribution_medium"] = _pick(ATTRIBUTION_MEDIUMS, dice[10])
    if dice[8] < 60:
        labels["attribution_campaign"] = _pick(ATTRIBUTION_CAMPAIGNS, dice[11])
        labels["attribution_content"] = _pick(ATTRIBUTION_CONTENTS, dice[12])
    return labels


def _pick(words: tuple[str, ...], die: int) -> str:
    return words[die % len(words)]


def _record(
    owned: Owned, dice: bytes, flows: dict[str, list[str]], addresses: dict[str, Address]
) -> FoneNumber:
    sid = _PROPERTIES[0]
    suitable = [key for key, item in addresses.items() if item.country == owned.country]
    pending = dice[14] < 9 or not suitable
    return FoneNumber(
        number=owned.number,
        property_sid=sid,
        country=owned.country,
        kind=owned.kind,
        capabilities=_CAPABILITIES[owned.kind][dice[15] % 3],
        city=owned.city,
        region=owned.region,
        status="Pending" if pending else "Active",
        address_sid=None if pending else suitable[0],
        **_fonedynamics_routing(dice, flows[sid]),
        **_labels(dice),
    )


def seed_fonedynamics(count: int, seed: int, taken: set[str]) -> FoneDynamicsAccount:
    """Seed the account with ``count`` numbers."""
    account = FoneDynamicsAccount(flows=_flows(seed), addresses=_fonedynamics_addresses(seed))
    for sid, (name, domain, zone) in zip(_PROPERTIES, PROPERTIES, strict=True):
        account.properties[sid] = Property(sid, name, domain, zone)
    flows: dict[str, list[str]] = {sid: [] for sid in _PROPERTIES}
    for flow in account.flows.values():
        flows[flow.property_sid].append(flow.config_id)
    taken.add(SALES_DESK)
    records = account.numbers.records
    records[SALES_DESK] = FoneNumber(
        SALES_DESK, "AU", "local", _PROPERTIES[0], "Voice,SMS", friendly="Sydney front desk",
        endpoint="+61491570156", city="Sydney", region="NSW", attribution_source="web",
        address_sid=next(iter(account.addresses)),
    )  # fmt: skip
    for index, owned in enumerate(owned_numbers(_FONEDYNAMICS_PLAN, count - 1, taken), start=1):
        dice = digest(seed, "fonedynamics", index)
        records[owned.number] = _record(owned, dice, flows, account.addresses)
    return account
