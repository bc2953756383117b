"""Ranges derived from the example numbers that phonenumbers knows."""

import phonenumbers
from phonenumbers import PhoneNumberType

from tui_numbers.sandbox.blocks import Block

_TYPES = {
    "local": PhoneNumberType.FIXED_LINE,
    "mobile": PhoneNumberType.MOBILE,
    "toll_free": PhoneNumberType.TOLL_FREE,
}
_LONGEST_TAIL = 6
_PROBES = 160


def _valid(number: str, country: str) -> bool:
    return phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), country)


def _wholly_valid(block: Block, country: str) -> bool:
    """Say whether numbers spread over the whole block are valid ones of the country."""
    if block.capacity <= _PROBES:
        return all(_valid(block.at(index), country) for index in range(block.capacity))
    # Numbering plans are drawn by leading digits: every pair of them is asked once.
    leading = (f"{pair:02d}" for pair in range(100))
    rest = "8371"[: block.free - 2]
    tails = (pair + rest.ljust(block.free - 2, "6") for pair in leading)
    return all(_valid(f"+{block.prefix}{tail}", country) for tail in tails) and all(
        _valid(block.at(index), country) for index in range(_PROBES)
    )


def derived_block(country: str, kind: str) -> Block | None:
    """Return the widest valid range round the country's example number of that type."""
    if kind not in _TYPES or country not in phonenumbers.SUPPORTED_REGIONS:
        return None
    example = phonenumbers.example_number_for_type(country, _TYPES[kind])
    if example is None:
        return None
    digits = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
    national = len(phonenumbers.national_significant_number(example))
    for free in range(min(_LONGEST_TAIL, national - 1), 0, -1):
        block = Block(digits[:-free], free)
        if _wholly_valid(block, country):
            return block
    return None
