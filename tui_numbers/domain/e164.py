"""Phone numbers: reading any usual spelling into E.164, and writing E.164 for people."""

import re
from collections.abc import Mapping
from typing import Any, NewType

E164 = NewType("E164", str)
"""A phone number as ``+`` and 4 to 15 digits, country code first (ITU-T E.164)."""

_E164 = re.compile(r"\+[1-9]\d{3,14}", re.ASCII)
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_UNDIALLABLE = re.compile(r"[^\d+\s()\-‐-―./\u00a0]")
_NOT_DIGIT = re.compile(r"\D")


class InvalidNumber(ValueError):
    """What was given cannot be read as one complete international phone number."""


def is_e164(text: str) -> bool:
    """Tell whether ``text`` has the form of E.164; says nothing of whether it is in use."""
    return _E164.fullmatch(text) is not None


def parse_number(text: str, home: str | None = None) -> E164:
    """Read a complete number in any usual international spelling.

    ``+44 20 7946 0000``, ``0044…``, ``tel:+44…``, ``+44 (0)20 …`` and plain digits with the
    country code are understood. ``home`` (ISO 3166-1 alpha-2) is the country in which digits
    without a prefix might have been meant as a national number: where both readings are
    possible, the text is refused rather than guessed.

    Raises:
        InvalidNumber: It is partial, national, or not a phone number; the text says which.
    """
    shown = text.strip()
    dialled = _dialled(shown)
    if not dialled.startswith("+"):
        dialled = _without_prefix(shown, dialled, home)
    if not is_e164(dialled):
        raise InvalidNumber(
            f"{shown!r} is not a complete phone number: write it with its country code, "
            "such as +44 20 7946 0000"
        )
    try:
        _library().parse(dialled, None)
    except _library().NumberParseException:
        raise InvalidNumber(
            f"{shown!r} is not a phone number: no country has the code it begins with"
        ) from None
    return E164(dialled)


def _dialled(shown: str) -> str:
    bare = shown[4:] if shown.lower().startswith("tel:") else shown
    bare = bare.partition(";")[0] if bare is not shown else bare
    bare = _TRUNK_ZERO.sub("", bare)
    if not bare or _UNDIALLABLE.search(bare):
        raise InvalidNumber(f"{shown!r} is not a phone number: write digits, such as +442079460000")
    plus = bare.lstrip("( \u00a0").startswith("+")
    # str.isdigit also knows other scripts' digits; int() turns each into its ASCII form.
    digits = "".join(str(int(digit)) for digit in _NOT_DIGIT.sub("", bare))
    if plus:
        return "+" + digits
    return "+" + digits[2:] if digits.startswith("00") else digits


def _without_prefix(shown: str, digits: str, home: str | None) -> str:
    """Return digits that bear no + or 00 as E.164 where only that reading is possible."""
    international = "+" + digits
    if digits.startswith("0") or len(digits) < 8 or not is_valid(international):
        raise InvalidNumber(
            f"{shown!r} is not a complete phone number: write it with + and its country code, "
            "such as +44 20 7946 0000"
        )
    if home is not None and _valid_in(digits, home):
        raise InvalidNumber(
            f"{shown!r} could be {international} or a number in {home}: write it with its +"
        )
    return international


def _library() -> Any:
    import phonenumbers

    return phonenumbers


def _valid_in(digits: str, country: str) -> bool:
    library = _library()
    try:
        parsed = library.parse(digits, country)
    except library.NumberParseException:
        return False
    return bool(library.is_valid_number_for_region(parsed, country))


def is_valid(number: str) -> bool:
    """Tell whether ``number`` (E.164) fits its country's numbering plan as it is known today."""
    library = _library()
    try:
        return bool(library.is_valid_number(library.parse(number, None)))
    except library.NumberParseException:
        return False


def country_of(number: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 country that ``number`` (E.164) belongs to, where one does."""
    library = _library()
    try:
        region = library.region_code_for_number(library.parse(number, None))
    except library.NumberParseException:
        return None
    return region if isinstance(region, str) and region != "001" else None


_spellings: dict[E164, str] = {}


def learn_spellings(spellings: Mapping[E164, str]) -> None:
    """Let ``international`` answer for these without its library, whose loading takes a while."""
    _spellings.update(spellings)


def international(number: str) -> str:
    """Return ``number`` (E.164) spaced as its country writes it, ``+44 20 7946 0000``."""
    known = _spellings.get(E164(number))
    if known is not None:
        return known
    library = _library()
    try:
        parsed = library.parse(number, None)
    except library.NumberParseException:
        return number
    written = library.format_number(parsed, library.PhoneNumberFormat.INTERNATIONAL)
    return str(written) if written else number


def digits_of(text: str) -> str:
    """Return the digits of ``text`` alone: how Vonage and Fone Dynamics put a number in a URL."""
    return _NOT_DIGIT.sub("", text)
