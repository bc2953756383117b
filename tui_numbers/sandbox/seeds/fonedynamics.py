"""Seed the Fone Dynamics account: one property with numbers, one without."""

from typing import Any

from tui_numbers.sandbox import people
from tui_numbers.sandbox.accounts import FONEDYNAMICS_PROPERTY_SID, FONEDYNAMICS_SECOND_PROPERTY_SID
from tui_numbers.sandbox.deterministic_random import digest, token
from tui_numbers.sandbox.records import Address, Flow, FoneNumber, Property
from tui_numbers.sandbox.seeds.owned import OPENED, Owned, Share, owned_numbers
from tui_numbers.sandbox.world import FoneDynamicsAccount

SALES_DESK = "+61255506170"
"""The first number of the account, which rings a phone."""
_PLAN = (
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
        for index, name in enumerate(people.FLOWS):
            config_id = token(seed, "flow", property_index, index)[:8]
            flows[config_id] = Flow(
                config_id, sid, str(index % 5 + 1), name, "Voice",
                OPENED // 1000 + 86_400 * (index * 60 + property_index),
            )  # fmt: skip
    return flows


def _addresses(seed: int) -> dict[str, Address]:
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


def _routing(dice: bytes, flows: list[str]) -> dict[str, Any]:
    """Return where a number rings: a phone, a flow, a flow that reads do not name, or nowhere."""
    if dice[0] < 150:
        return {"routing": "Endpoint", "endpoint": _phone(dice)}
    if dice[0] < 235:
        flow = flows[dice[1] % len(flows)]
        # Numbers routed before reads learnt to name the flow still come without it.
        return {"routing": "Flow", "flow": flow, "flow_shown": dice[0] < 215}
    return {"routing": "Endpoint", "endpoint": None}


def _labels(dice: bytes) -> dict[str, Any]:
    place = people.LABEL_PLACES[dice[4] % len(people.LABEL_PLACES)]
    purpose = people.LABEL_PURPOSES[dice[5] % len(people.LABEL_PURPOSES)]
    labels: dict[str, Any] = {"recording": "Call" if dice[6] < 80 else "Off"}
    if dice[7] >= 20:
        labels["friendly"] = f"{place} {purpose}"
    if dice[8] < 110:
        labels["attribution_source"] = _pick(people.ATTRIBUTION_SOURCES, dice[9])
        labels["attribution_medium"] = _pick(people.ATTRIBUTION_MEDIUMS, dice[10])
    if dice[8] < 60:
        labels["attribution_campaign"] = _pick(people.ATTRIBUTION_CAMPAIGNS, dice[11])
        labels["attribution_content"] = _pick(people.ATTRIBUTION_CONTENTS, dice[12])
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
        **_routing(dice, flows[sid]),
        **_labels(dice),
    )


def seed_fonedynamics(count: int, seed: int, taken: set[str]) -> FoneDynamicsAccount:
    """Seed the account with ``count`` numbers."""
    account = FoneDynamicsAccount(flows=_flows(seed), addresses=_addresses(seed))
    for sid, (name, domain, zone) in zip(_PROPERTIES, people.PROPERTIES, strict=True):
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
    for index, owned in enumerate(owned_numbers(_PLAN, count - 1, taken), start=1):
        dice = digest(seed, "fonedynamics", index)
        records[owned.number] = _record(owned, dice, flows, account.addresses)
    return account
