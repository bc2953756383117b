"""The one text filter of the program: what the `/` key and `list --filter` match."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_numbers.domain.e164 import number_text, partial_digits

SEPARATOR = "\n"
"""Stands between what a row can be found by; no text on one line holds it."""
_NOT_DIGIT = re.compile(r"\D")


def haystack(number: str, texts: Iterable[str | None]) -> str:
    """Join what a row can be found by into one string, made once a row.

    ``number`` is E.164; its digits stand first, so that they match in any spelling.
    """
    parts = [_NOT_DIGIT.sub("", number)]
    parts.extend(text.casefold() for text in texts if text)
    return SEPARATOR.join(parts)


def _digit_spellings(text: str) -> tuple[str, ...]:
    """Return the digit runs that a number written as ``text``, in ASCII, may stand for."""
    digits = _NOT_DIGIT.sub("", text)
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
    digits = _NOT_DIGIT.sub("", number)
    if number.lstrip("([ ").startswith("+") or digits.startswith("00"):
        meant = partial_digits(number)
        if meant not in digits:
            return _term(f"+{meant}")
    return _term(text) if len(text.split()) > 1 else None


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter, or a whole phone number typed with spaces."""

    text: str
    spellings: tuple[str, ...]
    """The digit runs it may stand for; none where it is no part of a number."""
    inverted: bool
    """Whether rows pass that it is not found in."""
    core: str
    """The shortest spelling, part of every other one, or the text where nothing is a number."""

    @property
    def plain(self) -> bool:
        """Tell whether looking for ``text`` anywhere says all there is to say."""
        return not self.spellings or self.core == self.text

    def inside(self, hay: str) -> bool:
        """Tell whether it is found in ``hay``; whether that is wanted, ``inverted`` tells."""
        found = self.text in hay
        if not found and not self.plain:
            found = self.core in hay.partition(SEPARATOR)[0]
        return found

    def matches(self, hay: str) -> bool:
        """Tell whether a row found by ``hay`` passes."""
        return self.inside(hay) is not self.inverted

    def select(self, hays: Sequence[str], among: Iterable[int]) -> list[int]:
        """Return the indices whose row passes, in order."""
        text, core = self.text, self.core
        if self.inverted and self.plain:
            return [index for index in among if text not in hays[index]]
        if self.inverted:
            return [index for index in among if self.matches(hays[index])]
        if self.plain:
            return [index for index in among if text in hays[index]]
        near = [index for index in among if core in hays[index] or text in hays[index]]
        # The digits stand first: the core is among them where no separator stands before it.
        return [
            index
            for index in near
            if text in (hay := hays[index])
            or ((at := hay.find(core)) >= 0 and hay.find(SEPARATOR, 0, at) < 0)
        ]


def _term(word: str) -> Term:
    inverted = word.startswith("!") and len(word) > 1
    bare = word[1:] if inverted else word
    number = number_text(bare)
    spellings = _digit_spellings(number) if number is not None else ()
    text = (bare if number is None else number).casefold()
    return Term(text, spellings, inverted, min(spellings, key=len, default=text))


def _cost(term: Term) -> tuple[bool, bool]:
    """Order terms so that the quick ones leave less for the slow ones."""
    return (term.inverted, not term.plain)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A compiled filter: words must be found, ``!word`` must not; digits match any spelling."""

    text: str
    terms: tuple[Term, ...]
    whole_number: Term | None
    """The text read as one phone number, where that says more than its words; else None."""

    @classmethod
    def compile(cls, text: str) -> "TextFilter":
        """Read what a person typed; never fails, and empty text matches everything."""
        return cls(text, tuple(_term(word) for word in text.split()), _whole_number(text))

    def matches(self, hay: str) -> bool:
        """Tell whether a row whose ``haystack`` is ``hay`` passes."""
        if self.whole_number is not None and self.whole_number.matches(hay):
            return True
        return all(term.matches(hay) for term in self.terms)

    def select(self, hays: Sequence[str], among: Iterable[int] | None = None) -> list[int]:
        """Return the indices that pass, in order; ``among`` narrows an earlier selection."""
        indices = range(len(hays)) if among is None else among
        if not isinstance(indices, Sequence):
            indices = list(indices)
        found = indices
        for term in sorted(self.terms, key=_cost):
            found = term.select(hays, found)
        if self.whole_number is not None:
            either = set(found)
            either.update(self.whole_number.select(hays, indices))
            return [index for index in indices if index in either]
        return found if isinstance(found, list) and found is not indices else list(found)

    def spans(self, shown: str) -> list[tuple[int, int]]:
        """Return the (start, end) character spans of ``shown`` that made the row match.

        Digits are found through the spaces and dashes of a formatted number.
        """
        found: list[tuple[int, int]] = []
        folded = shown.casefold()
        places = [index for index, character in enumerate(shown) if character.isdigit()]
        digits = "".join(shown[index] for index in places)
        terms = (self.whole_number,) if self.whole_number is not None else self.terms
        for term in terms:
            if term.inverted or not term.text:
                continue
            at = folded.find(term.text) if len(folded) == len(shown) else -1
            if at >= 0:
                found.append((at, at + len(term.text)))
                continue
            for spelling in term.spellings:
                start = digits.find(spelling)
                if start >= 0:
                    found.append((places[start], places[start + len(spelling) - 1] + 1))
                    break
        return found
