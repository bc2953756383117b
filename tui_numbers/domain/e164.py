"""Parse phone numbers in any usual spelling into E.164, and format E.164 for people."""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NewType
from urllib.parse import unquote

E164 = NewType("E164", str)
"""A phone number as ``+`` and 4 to 15 digits, country code first (ITU-T E.164).

A short code stands here too where an account holds one: its bare digits, without ``+``.
"""

_E164 = re.compile(r"\+[1-9]\d{3,14}", re.ASCII)
_SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)
_NOT_DIGIT = re.compile(r"\D")
_GAP = re.compile(r"(?<=\d)\D+(?=\d)")
_NUMBER_TEXT = re.compile(r"[\d\s()\[\]+./-]*\d[\d\s()\[\]+./-]*", re.ASCII)
_NO_PART = re.compile(r"[^\d\s()\[\]+./-]", re.ASCII)
_BRACKETED_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_EXTENSION = re.compile(
    r"\d[\s.,;]*(?:e?xt(?:n|ensi[oó]n?)?|x|anexo|int|доб|poste|durchwahl)[\s.:=]*#?\d|\d\s*#\s*\d",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"\+?\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
# A spreadsheet's fraction is short or nothing but zeros; "+44.2079460000" is a usual spelling.
_FRACTION = re.compile(r"\+?[\d\s()\[\]-]*\d[\d\s()\[\]-]{3,}\.(?:\d{1,2}|0+)")
_WRAPPINGS = frozenset({('"', '"'), ("'", "'"), ("<", ">")})
_LOOKS_LIKE = str.maketrans(
    dict.fromkeys("\u2212\u2043\u30fc", "-")
    | dict.fromkeys("\u2044\u2215", "/")
    | dict.fromkeys("\u00b7\u2022\u2024\u2027", ".")
    | dict.fromkeys("\u2018\u2019\u02bc", "'")
    | dict.fromkeys("\u201c\u201d", '"')
    | dict.fromkeys("\u2028\u2029", "\n")
)
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_SHORTEST_WITHOUT_PLUS = 8
_LONGEST_CODE = 3
_LONGEST = 15
_LONGEST_TEXT = 120
"""Characters of one number with all that may be copied along."""
EXAMPLE = "+44 20 7946 0000"


class InvalidNumber(ValueError):
    """What was given cannot be read as one complete international phone number."""


@dataclass(frozen=True, slots=True)
class NumberReading:
    """A number as it was read from what a person wrote."""

    number: E164
    notes: tuple[str, ...] = ()
    """What was taken off, in words; empty where the digits are those that were given."""
    bare: bool = False
    """Whether neither + nor 00 said that it begins with a country code."""


def is_e164(text: str) -> bool:
    """Tell whether ``text`` has the form of E.164; says nothing of whether it is in use."""
    return _E164.fullmatch(text) is not None


def is_short_code(text: str) -> bool:
    """Tell whether ``text`` is the bare digits of a short code, which no country code begins."""
    return _SHORT_CODE.fullmatch(text) is not None


def parse_number(text: str, home: str | None = None, *, short_codes: bool = False) -> E164:
    """Parse a number as ``read_number`` does, without its notes.

    Raises:
        InvalidNumber: It is partial, national, or not a phone number; the text says which.
    """
    return read_number(text, home, short_codes=short_codes).number


def read_number(text: str, home: str | None = None, *, short_codes: bool = False) -> NumberReading:
    """Read a complete number in any usual international spelling.

    ``+44 20 7946 0000``, ``0044…``, ``tel:+44…``, ``+44 (0)20 …`` and plain digits with the
    country code are understood, in digits of any script and with whatever invisible marks were
    copied along. A trunk prefix after the country code is taken off and noted where the
    country's numbers do not begin with it. ``home`` (ISO 3166-1 alpha-2) is the country in which
    digits without a prefix might have been meant as a national number: where both readings are
    possible, the text is refused rather than guessed. ``short_codes`` lets a few bare digits be
    a short code.

    Raises:
        InvalidNumber: It is partial, national, or not a phone number; the text says which.
    """
    shown = text.strip()
    if len(shown) > _LONGEST_TEXT:
        raise InvalidNumber(f"{shown[:40]!r}… is too long for a phone number: give one number")
    written = _body(text, shown)
    if short_codes and is_short_code(written):
        return NumberReading(E164(written), bare=True)
    problem = _problem(written)
    if problem is not None:
        raise InvalidNumber(f"{shown!r} {problem}")
    bare, given = _given_digits(written)
    if bare and (given.startswith("0") or len(given) < _SHORTEST_WITHOUT_PLUS):
        raise _incomplete(shown)
    digits, taken = _without_trunk(given, bracketed=_has_bracketed_zero(written))
    _refuse_second_number(shown, written, digits)
    number = E164("+" + digits)
    if not is_e164(number) or (bare and not is_valid(number)):
        raise _incomplete(shown)
    code = _calling_code(digits)
    if code is None:
        raise InvalidNumber(
            f"{shown!r} is not a phone number: no country has the code it begins with"
        )
    if bare:
        _refuse_two_readings(shown, given, number, home)
    notes = (f"the {taken} after +{code} was taken off: {number}",) if taken else ()
    return NumberReading(number, notes, bare)


def _incomplete(shown: str) -> InvalidNumber:
    return InvalidNumber(
        f"{shown!r} is not a complete phone number: write it with + and its country code, "
        f"such as {EXAMPLE}"
    )


@functools.lru_cache(maxsize=1024)
def _plain_character(character: str) -> str:
    """Return what a character stands for in a number, in ASCII where there is such a thing."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf":
        return ""
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    if ord(character) in _FULL_WIDTH:
        return chr(ord(character) - 0xFEE0)
    return character.translate(_LOOKS_LIKE)


def _plain(text: str) -> str:
    return text if text.isascii() else "".join(map(_plain_character, text))


def _unwrapped(text: str) -> str:
    """Return ``text`` in ASCII, without ``tel:`` and what a copy brings along around it."""
    bare = _stripped(_plain(text))
    if bare[:4].lower() == "tel:":
        bare = _stripped(_plain(unquote(bare[4:])).strip().removeprefix("//"))
    return bare


def _stripped(text: str) -> str:
    """Return ``text`` without quotes around it, or the apostrophe of a spreadsheet before it."""
    bare = text.strip()
    while len(bare) > 1 and (bare[0], bare[-1]) in _WRAPPINGS:
        bare = bare[1:-1].strip()
    return bare.removeprefix("'").lstrip()


def _body(text: str, shown: str) -> str:
    """Return what is dialled of ``text``; the parameters of a link are never dropped unsaid."""
    written, parameters = _parted(_unwrapped(text))
    if parameters:
        key = parameters.partition("=")[0].strip().lower()
        what = "an extension" if key == "ext" else f"a further part ({key})"
        raise InvalidNumber(f"{shown!r} has {what}, which cannot be sent: give the number alone")
    return written


def _parted(written: str) -> tuple[str, str]:
    """Return what stands before the parameters of a link, and those; empty where there are none."""
    number, _, parameters = written.partition(";")
    return (number, parameters) if "=" in parameters else (written, "")


def number_text(text: str) -> str | None:
    """Return ``text`` in ASCII where it is a number or a part of one; None where it is not.

    The parameters of a link are left out.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    written, _ = _parted(_unwrapped(text))
    return written if _NUMBER_TEXT.fullmatch(written) else None


def looks_like_number(text: str) -> bool:
    """Tell whether ``text`` is meant as a phone number, complete and usable or not."""
    bare = _stripped(_plain(text)).lower()
    return bare.startswith(("tel:", "+")) or number_text(text) is not None


def _problem(written: str) -> str | None:
    """Say why this is not the spelling of one number, or None."""
    if "\n" in written or "\r" in written or "\t" in written:
        return "holds several lines or cells: give one number"
    if _EXTENSION.search(written):
        return "has an extension, which cannot be sent: give the number alone"
    if _SCIENTIFIC.fullmatch(written):
        return "is rounded, as a spreadsheet shows a long number: copy the number as text"
    if written.count("+") > 1:
        return "holds two plus signs: give one number"
    odd = _NO_PART.search(written)
    if odd is not None and odd[0].isalpha():
        return "holds letters, so it is not a phone number: write digits, such as +442079460000"
    if odd is not None:
        return f"holds {odd[0]!r}, so it is not a phone number: write digits, such as +442079460000"
    if "+" in written.lstrip("([ ")[1:]:
        return "holds a plus sign in the midst: give one number"
    if _FRACTION.fullmatch(written):
        return "holds a decimal fraction, as a spreadsheet writes one: copy the number as text"
    if not any(character.isdigit() for character in written):
        return "is not a phone number: write digits, such as +442079460000"
    return None


def _given_digits(written: str) -> tuple[bool, str]:
    """Return whether no + or 00 stands before them, and the digits after it."""
    digits = digits_of(written)
    if "+" in written:
        return False, digits
    if digits.startswith("00"):
        return False, digits[2:]
    return True, digits


def _has_bracketed_zero(written: str) -> bool:
    """Tell whether ``(0)`` stands right behind the country code: to be left out from abroad."""
    found = _BRACKETED_ZERO.search(written)
    if found is None:
        return False
    before = _given_digits(written[: found.start()])[1]
    return _calling_code(before) == before


def _refuse_two_readings(shown: str, given: str, number: E164, home: str | None) -> None:
    """Refuse digits without a prefix that are a national number in ``home`` as well."""
    national = _national_reading(given, home) if home is not None else None
    if national not in (None, number):
        raise InvalidNumber(
            f"{shown!r} could be {number} or a number in {home}: write it with its +"
        )


def _refuse_second_number(shown: str, written: str, digits: str) -> None:
    """Refuse what holds more than one number, such as ``…6170/71``."""
    too_long = _is_too_long(digits)
    for gap in _GAP.finditer(written):
        before = _without_trunk(_given_digits(written[: gap.start()])[1])[0]
        slash = "/" in gap[0] and is_valid("+" + before)
        if slash or (too_long and _is_possible(before)):
            raise InvalidNumber(
                f"{shown!r} holds more than one number, or an extension: give one number"
            )


def _library() -> Any:
    import phonenumbers

    return phonenumbers


def _parsed(number: str, home: str | None = None) -> Any:
    library = _library()
    try:
        return library.parse(number, home)
    except library.NumberParseException:
        return None


def _calling_code(digits: str) -> str | None:
    """Return the country code that ``digits`` begin with, or None where no country has it."""
    known = _library().COUNTRY_CODE_TO_REGION_CODE
    for length in range(1, _LONGEST_CODE + 1):
        code = digits[:length]
        if len(code) == length and int(code) in known:
            return code
    return None


def has_country_code(digits: str, country: str | None) -> bool:
    """Tell whether ``digits`` begin with the country code of ``country``, or of any where None."""
    if country is None:
        return _calling_code(digits) is not None
    code = country_digits(country)
    return bool(code) and digits.startswith(code)


def country_digits(country: str) -> str:
    """Return the country code (E.164) of an ISO 3166-1 alpha-2 country; empty where it has none."""
    code = str(_library().country_code_for_region(country.upper()))
    return "" if code == "0" else code


def _numberings(code: str) -> Iterator[Any]:
    """Yield what is known of each country's numbers that shares a country code."""
    from phonenumbers.phonemetadata import PhoneMetadata

    for region in _library().COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
        if metadata is not None:
            yield metadata


def _fits(code: str, national: str) -> bool:
    """Tell whether a country with this code has numbers of this form, in use or not."""
    patterns = (one.general_desc.national_number_pattern for one in _numberings(code))
    return any(re.fullmatch(pattern, national) for pattern in patterns if pattern)


def _without_trunk(digits: str, *, bracketed: bool = False) -> tuple[str, str]:
    """Return ``digits`` without a trunk prefix behind the country code, and that prefix.

    Where numbers of the country begin with it, as with a zero in Italy, it stays.
    """
    code = _calling_code(digits)
    if code is None:
        return digits, ""
    national = digits[len(code) :]
    if _fits(code, national):
        return digits, ""
    for trunk in _trunks(code, digits):
        rest = national.removeprefix(trunk)
        if trunk and rest != national and _fits(code, rest):
            return code + rest, trunk
    if bracketed and national.startswith("0"):
        return code + national[1:], "0"
    return digits, ""


def _trunks(code: str, digits: str) -> Iterator[str]:
    """Yield what may stand between country code and number: the country's prefix, or a zero."""
    prefix = next((one.national_prefix for one in _numberings(code)), None)
    yield prefix or ""
    yield "0"
    # Some countries have further ones: an earlier prefix, or the choice of a carrier.
    parsed = _parsed("+" + digits)
    kept = _library().national_significant_number(parsed) if parsed is not None else ""
    national = digits[len(code) :]
    if kept and national.endswith(kept):
        taken = national.removesuffix(kept)
        if taken in ("0", "1", "8") or (prefix and taken.startswith(prefix)):
            yield taken


@functools.lru_cache(maxsize=512)
def _begins_with(code: str, trunk: str) -> bool:
    """Tell whether known numbers with this country code begin with ``trunk``."""
    library = _library()
    for region in library.COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        for kind in library.PhoneNumberType.values():
            example = library.example_number_for_type(region, kind)
            if example is not None:
                national = library.national_significant_number(example)
                if national.startswith(trunk):
                    return True
    return False


def partial_digits(written: str) -> str:
    """Return the digits of the beginning of an international number, without a trunk prefix."""
    digits = _given_digits(written)[1]
    whole, taken = _without_trunk(digits)
    code = _calling_code(digits)
    if taken or code is None or _fits(code, digits[len(code) :]):
        return whole
    prefix = next((one.national_prefix for one in _numberings(code)), None) or "0"
    national = digits[len(code) :]
    known = not national.startswith(prefix) or _begins_with(code, prefix)
    return digits if known else code + national.removeprefix(prefix)


def _is_too_long(digits: str) -> bool:
    library = _library()
    parsed = _parsed("+" + digits)
    if parsed is None:
        return len(digits) > _LONGEST and _calling_code(digits) is not None
    reason = library.is_possible_number_with_reason(parsed)
    return bool(reason == library.ValidationResult.TOO_LONG)


def _is_possible(digits: str) -> bool:
    library = _library()
    parsed = _parsed("+" + digits)
    if parsed is None:
        return False
    reason = library.is_possible_number_with_reason(parsed)
    return bool(reason == library.ValidationResult.IS_POSSIBLE)


def _national_reading(digits: str, country: str) -> E164 | None:
    """Return the number that ``digits`` are when dialled in ``country``, where they are one."""
    library = _library()
    parsed = _parsed(digits, country)
    if parsed is None or not library.is_valid_number_for_region(parsed, country):
        return None
    return E164(library.format_number(parsed, library.PhoneNumberFormat.E164))


def is_valid(number: str) -> bool:
    """Tell whether ``number`` (E.164) fits its country's numbering plan as it is known today."""
    library = _library()
    parsed = _parsed(number)
    if parsed is None or not library.is_valid_number(parsed):
        return False
    # The library leaves out a trunk prefix unasked, and then judges another number.
    return bool(library.format_number(parsed, library.PhoneNumberFormat.E164) == number)


def is_mobile(number: str) -> bool:
    """Tell whether a number can be nothing but a mobile; where fixed ones look alike, not."""
    library, parsed = _library(), _parsed(number)
    mobile = library.PhoneNumberType.MOBILE
    return parsed is not None and library.number_type(parsed) == mobile


def malformed_phone(stored: str) -> str | None:
    """Say why a stored phone number is none that can be dialled, or None where it may be one."""
    if not is_e164(stored):
        return f"{stored} is no complete phone number: + and a country code are missing"
    code = _calling_code(stored[1:])
    if code is None:
        return f"{stored} is no phone number: no country has the code it begins with"
    if _fits(code, stored[1 + len(code) :]):
        # Most do, and to look further takes ten times as long.
        return None
    meant, taken = _without_trunk(stored[1:])
    if taken:
        return f"{stored} is no phone number: the {taken} after +{code} is too much (+{meant}?)"
    if _is_too_long(stored[1:]):
        return f"{stored} is no phone number: it is longer than any with +{code}"
    return None


def country_of(number: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 country that ``number`` (E.164) belongs to, where one does."""
    parsed = _parsed(number)
    region = _library().region_code_for_number(parsed) if parsed is not None else None
    return region if isinstance(region, str) and region != "001" else None


_SHARED_BY_NORTH_AMERICA = frozenset(
    {
        "500", "521", "522", "523", "524", "525", "526", "527", "528", "529", "533", "544", "566",
        "577", "588", "700", "710", "800", "822", "833", "844", "855", "866", "877", "888", "900",
    }
)  # fmt: skip
"""Area codes of country code 1 that lie in no country, such as toll free and personal numbers."""


def is_shared(number: str) -> bool:
    """Tell whether ``number`` (E.164) belongs to no country alone, as +1 800 and +800 do."""
    if number.startswith("+1"):
        return number[2:5] in _SHARED_BY_NORTH_AMERICA
    code = _calling_code(number[1:]) if number.startswith("+") else None
    return code is not None and _library().COUNTRY_CODE_TO_REGION_CODE[int(code)] == ("001",)


def home_country(number: str) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of ``number`` (E.164), where it has one alone.

    For listings of thousands whose records have no country: most numbers need no parsing.
    """
    if not number.startswith("+") or is_shared(number):
        return None
    if number.startswith("+1"):
        return _country_of_area(number[:5]) or country_of(number)
    code = _calling_code(number[1:])
    known = _library().COUNTRY_CODE_TO_REGION_CODE
    regions: tuple[str, ...] = known[int(code)] if code is not None else ()
    return str(regions[0]) if len(regions) == 1 else country_of(number)


@functools.lru_cache(maxsize=1024)
def _country_of_area(area: str) -> str | None:
    """Return the country of an area code of North America, written ``+1415``."""
    return country_of(f"{area}5550123")


def in_other_country(number: str, other: str) -> bool:
    """Tell whether two numbers (E.164) belong to different countries, as far as that is known."""
    countries = country_of(number), country_of(other)
    if None not in countries:
        return countries[0] != countries[1]
    codes = _calling_code(number[1:]), _calling_code(other[1:])
    return None not in codes and codes[0] != codes[1]


_spellings: dict[E164, str] = {}


def learn_spellings(spellings: Mapping[E164, str]) -> None:
    """Prime the cache of ``international``, so that its slow library need not be loaded."""
    _spellings.update(
        (number, written)
        for number, written in spellings.items()
        if digits_of(written) == digits_of(number)
    )


def international(number: str) -> str:
    """Return ``number`` (E.164) spaced as its country writes it, ``+44 20 7946 0000``.

    No digit is ever left out or added: where the usual spelling has others, ``number`` is
    returned as it is, and so is a short code.
    """
    known = _spellings.get(E164(number))
    if known is not None:
        return known
    parsed = _parsed(number)
    if parsed is None:
        return number
    library = _library()
    written = str(library.format_number(parsed, library.PhoneNumberFormat.INTERNATIONAL))
    return written if digits_of(written) == digits_of(number) else number


def digits_of(text: str) -> str:
    """Return the digits of ``text`` alone: how Vonage and Fone Dynamics put a number in a URL."""
    return _NOT_DIGIT.sub("", text)
