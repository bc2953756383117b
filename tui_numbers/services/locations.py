"""Look up where a number is from: country, place and local time."""

import contextlib
import functools
import importlib.util
import threading
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import E164, country_of

_LONGEST_PREFIX = 9
_NAME_BITS = 32
_NAME_MASK = (1 << _NAME_BITS) - 1


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
    area = area_name(number)
    return area if area and area != country_name(country_of(number)) else None


def place_of(number: E164) -> Place:
    """Look a number's place up; the first call loads large tables, so call it in a thread."""
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


class Areas:
    """Prefixes, country code first, in order, and below each one's bits the place of its name."""

    def __init__(self) -> None:
        """Read the tables, which takes a second: made for a thread."""
        names: dict[str, int] = {}
        entries = array("Q")
        for part in sorted((Path(phonenumbers.__file__).parent / "geodata").glob("data*.py")):
            for prefix, languages in _table(part).items():
                name = languages.get("en")
                if name is not None:
                    entries.append(int(prefix) << _NAME_BITS | names.setdefault(name, len(names)))
        self._entries = array("Q", sorted(entries))
        self._names = tuple(names)

    def name(self, number: str) -> str | None:
        """Return the area of the longest prefix that ``number`` (E.164) begins with."""
        at = self.place(number)
        return None if at is None else self.name_at(at)

    def place(self, number: str) -> int | None:
        """Return where the longest prefix stands that ``number`` (E.164) begins with."""
        digits = number.removeprefix("+")
        for length in range(min(_LONGEST_PREFIX, len(digits)), 0, -1):
            prefix = int(digits[:length])
            at = bisect_left(self._entries, prefix << _NAME_BITS)
            if at < len(self._entries) and self._entries[at] >> _NAME_BITS == prefix:
                return at
        return None

    def name_at(self, place: int) -> str:
        """Return the area of the prefix that stands at ``place``."""
        return self._names[self._entries[place] & _NAME_MASK]


def _table(part: Path) -> dict[str, dict[str, str]]:
    """Run one part of the tables by itself; importing their package would keep them all."""
    spec = importlib.util.spec_from_file_location(f"phonenumbers.geodata.{part.stem}", part)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table: dict[str, dict[str, str]] = module.data
    return table


_loading = threading.Lock()


@functools.cache
def _areas() -> Areas:
    return Areas()


def area_name(number: str) -> str | None:
    """Return the city or region of ``number`` (E.164), where its digits tell one.

    The first call reads the tables, so call it in a thread.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    code, kind = parsed.country_code, phonenumbers.number_type(parsed)
    if code is None or not phonenumbers.is_number_type_geographical(kind, code):
        return None
    with _loading:
        areas = _areas()
    return areas.name(_without_mobile_token(parsed, code)) or None


class UsualAreas:
    """Look up areas of very many numbers, taking neighbours of a number to be in its area.

    Whether a number belongs to an area at all is decided once for each prefix and length.
    """

    def __init__(self) -> None:
        """Read the tables where nobody has yet, which takes a while: made for a thread."""
        with _loading:
            self._areas = _areas()
        self._known: dict[tuple[int, int], str | None] = {}
        codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
        self._with_token = tuple(
            f"+{code}" for code in codes if phonenumbers.country_mobile_token(code)
        )

    def name(self, number: str) -> str | None:
        """Return the city or region of ``number`` (E.164), where its digits tell one."""
        if number.startswith(self._with_token):
            return area_name(number)
        place = self._areas.place(number)
        if place is None:
            return None
        key = (place, len(number))
        if key not in self._known:
            self._known[key] = area_name(number)
        return self._known[key]


def _without_mobile_token(parsed: phonenumbers.PhoneNumber, code: int) -> str:
    """Return E.164 without what some countries put before the area of mobile numbers."""
    token = phonenumbers.country_mobile_token(code)
    national = phonenumbers.national_significant_number(parsed)
    if token and national.startswith(token):
        region = phonenumbers.region_code_for_country_code(code)
        with contextlib.suppress(phonenumbers.NumberParseException):
            parsed = phonenumbers.parse(national[len(token) :], region)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
