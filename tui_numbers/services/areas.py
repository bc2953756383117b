"""The names of areas by the digits that numbers there begin with, in little memory.

The tables are those of the ``phonenumbers`` library. Its geocoder keeps 100 MB of them for all
languages at once; here they are read a part at a time, and only the English names are kept.
"""

import contextlib
import functools
import importlib.util
import threading
from array import array
from bisect import bisect_left
from pathlib import Path
from typing import Any

import phonenumbers

_LONGEST_PREFIX = 9
_NAME_BITS = 32
_NAME_MASK = (1 << _NAME_BITS) - 1


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
    """Areas of very many numbers: what is true of one is taken to be true of its neighbours.

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
