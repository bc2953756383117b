"""Where a number is from, as its digits tell: country, place, and the time there."""

import functools
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import E164, country_of


@dataclass(frozen=True, slots=True)
class Place:
    """What a number's digits tell of where it belongs; None where they tell nothing."""

    country: str | None
    """ISO 3166-1 alpha-2."""
    country_name: str | None
    area: str | None
    """City or region."""
    zones: tuple[str, ...]
    """IANA time zones that the number may be in."""

    def local_time(self, now: datetime) -> str | None:
        """Return ``14:02 Europe/London``; None where the zones differ or are unknown."""
        clocks = set()
        for zone in self.zones:
            try:
                clocks.add(now.astimezone(ZoneInfo(zone)).strftime("%H:%M"))
            except (ZoneInfoNotFoundError, ValueError):
                return None
        if len(clocks) != 1:
            return None
        more = f" (+{len(self.zones) - 1})" if len(self.zones) > 1 else ""
        return f"{clocks.pop()} {self.zones[0]}{more}"


def load_places() -> None:
    """Load the tables of areas; takes about a second, so call it in a thread."""
    area_of(E164("+12125550100"))


@functools.lru_cache(maxsize=20_000)
def area_of(number: E164) -> str | None:
    """Return the city or region that a number's digits tell; quick once ``load_places`` is done."""
    from tui_numbers.services.areas import area_name

    area = area_name(number)
    return area if area and area != country_name(country_of(number)) else None


def place_of(number: E164) -> Place:
    """Look a number's place up; the first call loads large tables, so call it in a thread."""
    import phonenumbers
    from phonenumbers import timezone

    country = country_of(number)
    name = country_name(country)
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return Place(country, name, None, ())
    zones = tuple(timezone.time_zones_for_number(parsed))
    unknown = timezone.UNKNOWN_TIMEZONE
    return Place(
        country,
        name,
        area_of(number),
        tuple(zone for zone in zones if zone != unknown),
    )
