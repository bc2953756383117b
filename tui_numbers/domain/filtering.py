"""The one text filter of the program: what the ``/`` key and ``list --filter`` match."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

SEPARATOR = "\n"
"""Stands between the lines of a haystack: the digits of numbers, the targets that are stored, and
then what words are found in. No text on one line holds it."""
WITHIN = "  "
"""Stands between texts that share a line; no word and no number of a filter holds two spaces."""
_LINKED = "linked:"

_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_DIGIT_SIGNS = r"\d\s()+＋./\-‐-―−﹣－"
_PHONE_LIKE = re.compile(rf"[{_DIGIT_SIGNS}]*\d[{_DIGIT_SIGNS}]*")
_PHONE_LINK = re.compile(r"['’]?(?:tel:)?([^;]*)(?:;.*)?")
_NOT_DIGIT = re.compile(r"\D")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")


def normalised(text: str) -> str:
    """Return ``text`` as it is compared: NFC, case folded, ASCII digits, nothing invisible."""
    if text.isascii():
        return text.lower()
    visible = _INVISIBLE.sub("", text)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).casefold())
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), folded)


def haystack(
    number: str,
    texts: Iterable[str | None],
    phones: Iterable[str] = (),
    linked: Iterable[str] = (),
) -> str:
    """Join what a row can be found by into one string, made once a row.

    ``number`` and ``phones`` are E.164: their digits match in any spelling. ``linked`` are the
    targets that are stored (``kind:value``), which ``linked:`` finds. Each of ``texts`` has a line
    of its own, whether it is there or not.
    """
    lines = [WITHIN.join(_NOT_DIGIT.sub("", phone) for phone in (number, *phones))]
    lines.append(normalised(WITHIN.join(_LINKED + target for target in linked)))
    lines.extend(normalised(text) if text else "" for text in texts)
    return SEPARATOR.join(lines) if len(lines) > 2 else SEPARATOR.join((*lines, ""))


def _phone_in(text: str) -> str | None:
    """Return the part of ``text`` that is a phone number, or the beginning or end of one."""
    match = _PHONE_LINK.fullmatch(text)
    return match[1] if match and _PHONE_LIKE.fullmatch(match[1]) else None


def _digit_spellings(text: str) -> tuple[str, ...]:
    """Return the digit runs that a number typed as ``text`` may stand for."""
    digits = _NOT_DIGIT.sub("", _TRUNK_ZERO.sub("", text))
    international = text.lstrip().startswith(("+", "＋"))
    if digits.startswith("00") and len(digits) > 2:
        return (digits[2:], digits)
    if digits.startswith("0") and len(digits) > 1 and not international:
        return (digits, digits[1:])
    return (digits,)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter, or a whole phone number typed with spaces."""

    text: str
    spellings: tuple[str, ...] = ()
    """The digit runs it may stand for; none where it is no part of a number."""
    inverted: bool = False
    """Whether rows pass that it is not found in."""
    linked: bool = False
    """Whether it is looked for among the targets that are stored, and nowhere else."""

    @property
    def cores(self) -> tuple[str, ...]:
        """The spellings that hold no other one: where none of these is found, none is."""
        return tuple(
            one
            for one in self.spellings
            if not any(other in one for other in self.spellings if other != one)
        )

    def inside(self, hay: str) -> bool:
        """Tell whether it is found in ``hay``; whether that is wanted, ``inverted`` tells."""
        numbers, linked, texts = hay.split(SEPARATOR, 2)
        if self.linked:
            return self.text in linked
        return self.text in texts or any(core in numbers for core in self.cores)

    def matches(self, hay: str) -> bool:
        """Tell whether a row found by ``hay`` passes."""
        return self.inside(hay) is not self.inverted


def _term(word: str) -> Term:
    inverted = word.startswith("!") and len(word) > 1
    bare = word[1:] if inverted else word
    if bare.startswith(_LINKED):
        return Term(bare, (), inverted, linked=True)
    phone = _phone_in(bare)
    return Term(bare, _digit_spellings(phone) if phone is not None else (), inverted)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A compiled filter: words must be found, ``!word`` must not; digits match any spelling.

    ``linked:KIND`` and ``linked:KIND:VALUE`` find the targets that are stored for a number,
    including those that another setting overrides.
    """

    text: str
    terms: tuple[Term, ...]
    whole_number: Term | None
    """The text read as one phone number typed with spaces, or None where it is not one."""

    @classmethod
    def compile(cls, text: str) -> "TextFilter":
        """Read what a person typed; never fails, and empty text matches everything."""
        words = normalised(text).split()
        phone = _phone_in(" ".join(words)) if len(words) > 1 else None
        whole = None if phone is None else Term(phone, _digit_spellings(phone))
        return cls(text, tuple(_term(word) for word in words), whole)

    def matches(self, hay: str) -> bool:
        """Tell whether a row whose ``haystack`` is ``hay`` passes."""
        if self.whole_number is not None and self.whole_number.matches(hay):
            return True
        return all(term.matches(hay) for term in self.terms)

    def spans(self, shown: str) -> list[tuple[int, int]]:
        """Return the (start, end) character spans of ``shown`` that made the row match.

        Digits are found through the spaces and dashes of a formatted number.
        """
        found: list[tuple[int, int]] = []
        folded = normalised(shown)
        if len(folded) != len(shown):
            return found
        places = [index for index, character in enumerate(folded) if character.isdecimal()]
        digits = "".join(folded[index] for index in places)
        terms = (self.whole_number,) if self.whole_number is not None else self.terms
        for term in terms:
            if term.inverted or not term.text:
                continue
            at = folded.find(term.text)
            if at >= 0:
                found.append((at, at + len(term.text)))
                continue
            for spelling in term.spellings:
                start = digits.find(spelling)
                if start >= 0:
                    found.append((places[start], places[start + len(spelling) - 1] + 1))
                    break
        return found
