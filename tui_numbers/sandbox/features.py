"""What stock numbers can do and cost, drawn from the number itself."""

from tui_numbers.sandbox.draws import share

_TEXT_SHARE = {"US": 80, "CA": 75, "GB": 40, "SE": 55, "NL": 35, "ES": 25, "DE": 20, "FR": 20}
_COSTS = {
    ("GB", "local"): "1.00", ("GB", "mobile"): "1.25", ("GB", "toll_free"): "4.00",
    ("US", "local"): "0.90", ("US", "mobile"): "0.95", ("US", "toll_free"): "2.50",
    ("CA", "local"): "0.90", ("ES", "local"): "1.10", ("ES", "mobile"): "3.50",
    ("DE", "local"): "1.20", ("FR", "local"): "1.50", ("SE", "mobile"): "2.90",
}  # fmt: skip
ADDRESS_COUNTRIES = frozenset(
    {
        "AR", "BE", "BR", "CH", "CL", "CN", "CO", "DE", "FR", "HK", "IL", "IN", "IT",
        "JP", "KE", "KR", "MX", "MY", "PL", "RO", "SA", "SG", "TH", "TR", "TW", "ZA",
    }
)  # fmt: skip
"""Countries whose Vonage numbers cannot be bought over the API."""

_NEEDS = ("none", "any", "local", "foreign")


def _percent(number: str) -> int:
    return int(number[1:]) * 2_654_435_761 % 2**32 * 100 >> 32


def vonage_features(number: str, country: str, kind: str) -> tuple[str, ...]:
    """Return the features of a number, in the mixed order in which the API gives them."""
    percent = _percent(number)
    if kind == "toll_free":
        return ("VOICE", "SMS") if country in ("US", "CA") and percent < 50 else ("VOICE",)
    if kind == "mobile":
        if country in ("US", "CA"):
            return ("SMS", "VOICE", "MMS")
        return ("VOICE", "SMS") if percent < 70 else ("SMS",)
    if percent >= _TEXT_SHARE.get(country, 30):
        return ("VOICE",)
    return ("VOICE", "SMS", "MMS") if country in ("US", "CA") else ("SMS", "VOICE")


def parakeet_capabilities(number: str, country: str, kind: str) -> tuple[str, ...]:
    """Return what a newly bought Parakeet number can do."""
    names = vonage_features(number, country, kind)
    return tuple(name.lower() for name in names)


def vonage_cost(country: str, kind: str) -> str:
    """Return the monthly rent in euros, with the digits of the wire."""
    known = _COSTS.get((country, kind))
    if known is not None:
        return known
    dearest = {"local": 400, "mobile": 900, "toll_free": 2400}.get(kind, 500)
    cents = 80 + int(share("cost", country, kind) * dearest) // 5 * 5
    return f"{cents // 100}.{cents % 100:02d}"


def vonage_set_up_cost(country: str, kind: str) -> str | None:
    """Return the fee for setting a number up, where there is one."""
    return "5.00" if kind == "toll_free" and country not in ("GB", "US", "CA") else None


def parakeet_address_requirement(country: str, kind: str) -> str:
    """Return which address Parakeet wants for numbers of a country and type."""
    if country in ("US", "CA", "GB"):
        return "none" if country != "GB" or kind != "local" else "any"
    return _NEEDS[int(share("address", country, kind) * len(_NEEDS))]
