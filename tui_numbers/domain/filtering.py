"""The one text filter of the program: what the ``/`` key and ``list --filter`` match."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from tui_numbers.domain.e164 import digits_of, number_text, partial_digits

SEPARATOR = "\n"
"""Stands between the lines of a haystack: the digits of numbers, the targets that are stored, and
then what words are found in."""
WITHIN = "  "
"""Stands between texts that share a line; no word and no number of a filter holds two spaces."""
_LINKED = "linked:"

# The last one stands where a character was that is not shown.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffd]+"
)
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


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
    of its own, whether it is there or not; a line end within it becomes a space.
    """
    lines = [WITHIN.join(map(digits_of, (number, *phones)))]
    lines.append(_line(WITHIN.join(_LINKED + target for target in linked)))
    lines.extend(_line(text) if text else "" for text in texts)
    return SEPARATOR.join(lines) if len(lines) > 2 else SEPARATOR.join((*lines, ""))


def _line(text: str) -> str:
    return normalised(text).replace(SEPARATOR, " ")


def _digit_spellings(text: str) -> tuple[str, ...]:
    """Return the digit runs that a number written as ``text``, in ASCII, may stand for."""
    digits = digits_of(text)
    if digits.startswith("00") and len(digits) > 2 and "+" not in text:
        return (digits[2:], digits)
    if digits.startswith("0") and len(digits) > 1 and "+" not in text:
        return (digits, digits[1:])
    return (digits,)


def _whole_number(text: str) -> "Term | None":
    """Return the whole text as one number, where its words alone would say less."""
    number = number_text(text)
    if number is None:
        return None
    digits = digits_of(number)
    if number.lstrip("([ ").startswith("+") or digits.startswith("00"):
        meant = partial_digits(number)
        if meant not in digits:
            return _term(f"+{meant}")
    return _term(text) if len(text.split()) > 1 else None


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
    number = number_text(bare)
    if number is None:
        return Term(bare, (), inverted)
    return Term(number, _digit_spellings(number), inverted)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A compiled filter: words must be found, ``!word`` must not; digits match any spelling.

    ``linked:KIND`` and ``linked:KIND:VALUE`` find the targets that are stored for a number,
    including those that another setting overrides.
    """

    text: str
    terms: tuple[Term, ...]
    whole_number: Term | None
    """The text read as one phone number, where that says more than its words; else None."""

    @classmethod
    def compile(cls, text: str) -> "TextFilter":
        """Read what a person typed; never fails, and empty text matches everything."""
        words = normalised(text).split()
        return cls(text, tuple(map(_term, words)), _whole_number(" ".join(words)))

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
