"""Read the filter language of ``/``, ``--filter``, views, routes and checks.

``compile_filter(text, layout)`` is what every face calls: it returns a ``RowFilter`` or raises
``FilterError``. A ``RowFilter`` tells of one row by ``matches(hay)`` or ``verdict(hay)``, and of
very many by ``Haystacks.passing``; ``layout`` is ``OWNED``, ``STOCK``, ``HISTORY`` or one of the
caller's own, and ``wording/search_text`` makes the text of a row. ``field_text`` writes a part of a
filter, ``complete`` completes one.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile
from types import MappingProxyType
from typing import Final

from tui_numbers.domain import clock
from tui_numbers.domain.countries import COMMON_NAMES, COUNTRY_NAMES, find_countries
from tui_numbers.domain.e164 import digits_of, number_text, partial_digits
from tui_numbers.domain.filter_terms import (
    FACTS,
    HISTORY,
    LINKED,
    NUMBERS,
    OWNED,
    PHONES,
    SEPARATOR,
    STOCK,
    TARGETS,
    WITHIN,
    Comparison,
    Expression,
    Layout,
    Term,
    Words,
    normalised,
    read_expression,
    verdict,
)
from tui_numbers.domain.text import nearest, word_key

TARGET_KINDS: Final = frozenset(
    {"user", "team", "phone", "flow", "application", "sip", "webhook", "trunk", "service"}
    | {"connection", "profile", "app", "vxml"}
)
"""Kinds of targets that are known wherever no provider is asked for its own."""

_VOCABULARIES = ("status", "type", "features", "action", "outcome")
"""Fields whose words are compared without regard to hyphens and spaces."""
_BEGINNINGS = (*_VOCABULARIES, "account", "provider")
"""Fields of which the beginning is enough."""
_UNTOLD = ("country", "type", "status", "features")
"""Fields that a provider may leave out: a row without one passes neither way."""
_NO_FIELDS = ("http", "https", "tel")
"""What stands before a colon in words that are no fields."""
_COMPARED = ("cost", "changed")
_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}

_SPACE = re.compile(r"\s*")
_HEAD = re.compile(r"(-?)([A-Za-z][A-Za-z_]*)(:|<=|>=|<|>|=)")
_VALUE = re.compile(r'"((?:[^"]|"")*)"?[^\s,]*|[^\s,]*')
_WHOLE_VALUE = re.compile(r'"((?:[^"]|"")*)"?\S*|\S*')
_COST = re.compile(r"(\d{1,12}(?:[.,]\d{1,12})?)([a-z]{3})?", re.ASCII)
_AGE = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)


class FilterError(ValueError):
    """A filter cannot be read; the text says which part of it, and what is possible."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a filter as it was typed."""

    start: int
    end: int
    text: str
    """Without the signs before it."""
    inverted: bool
    name: str = ""
    """The field; empty for a word."""
    operator: str = ""
    values: tuple[tuple[int, str], ...] = ()
    """Where each value begins, and its text without quotes."""
    quoted: bool = False
    """Whether it is a word in quotes."""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """A compiled filter: every part must hold; digits match any spelling of a number."""

    text: str
    terms: tuple[Term, ...]
    whole_number: Words | None = None
    """The text read as one phone number, where that says more than its words; else None."""

    def verdict(self, hay: str) -> bool | None:
        """Tell whether a row passes; None where that hangs on what its provider does not tell."""
        lines = hay.split(SEPARATOR)
        if self.whole_number is not None and self.whole_number.inside(lines):
            return True
        untold = False
        for term in self.terms:
            passes = verdict(term, lines)
            if passes is False:
                return False
            untold = untold or passes is None
        return None if untold else True

    def matches(self, hay: str) -> bool:
        """Tell whether a row whose ``haystack`` is ``hay`` passes."""
        return self.verdict(hay) is True

    @property
    def asks_untold(self) -> tuple[str, ...]:
        """The fields it asks for that a provider may leave out."""
        return tuple(dict.fromkeys(one.field for one in self.terms if one.told is not None))

    @property
    def asks_places(self) -> bool:
        """Whether it may ask for where a number is from."""
        asking = ("", "place", "re")
        return any(one.field in asking and not _is_digits(one) for one in self.terms)

    def asks_flag(self, word: str) -> bool:
        """Tell whether it asks for a word of ``is:``."""
        return any(isinstance(one, Words) and word in one.flags for one in self.terms)

    @property
    def hangs_on_time(self) -> bool:
        """Whether other rows pass as time goes on."""
        return any(term.field == "changed" for term in self.terms)

    def spans(self, shown: str, column: str = "") -> list[tuple[int, int]]:
        """Return the (start, end) character spans of ``shown`` that made the row match.

        Digits are found through the spaces and dashes of a formatted number. What was asked of a
        field is looked for in its ``column`` alone.
        """
        found: list[tuple[int, int]] = []
        folded = normalised(shown)
        if len(folded) != len(shown):
            return found
        places = [index for index, character in enumerate(folded) if character.isdecimal()]
        digits = "".join(folded[index] for index in places)
        terms = (self.whole_number,) if self.whole_number is not None else self.terms
        for term in terms:
            if term.inverted or isinstance(term, Comparison):
                continue
            if isinstance(term, Expression):
                found.extend(hit.span() for hit in term.pattern.finditer(folded) if hit[0])
                continue
            if term.field and column not in (term.field, *_COLUMNS_OF.get(term.field, ())):
                continue
            at = folded.find(term.text) if term.text else -1
            if at >= 0:
                found.append((at, at + len(term.text)))
                continue
            for spelling in term.spellings:
                start = digits.find(spelling)
                if start >= 0:
                    found.append((places[start], places[start + len(spelling) - 1] + 1))
                    break
        return found


def _is_digits(term: Term) -> bool:
    return isinstance(term, Words) and not any(map(str.isalpha, term.text))


_COLUMNS_OF = {"to": ("target", "sms", "change")}
"""The columns in which a field is shown under other names."""
EVERYTHING: Final = RowFilter("", ())


def compile_filter(
    text: str, layout: Layout = OWNED, kinds: Collection[str] = TARGET_KINDS
) -> RowFilter:
    """Read a filter for rows of ``layout``; empty text matches everything.

    ``kinds`` are the kinds of targets that stand before a colon as fields do.

    Raises:
        FilterError: A field is not known, or its value cannot be read.
    """
    parts = tuple(parts_of(text))
    terms = [_term(part, layout, kinds) if part.name else _word(part) for part in parts]
    plain = not any(part.name or part.quoted for part in parts)
    words = normalised(text).split()
    return RowFilter(text, tuple(terms), _whole_number(" ".join(words)) if plain else None)


def quoted(value: str) -> str:
    """Return a value as a filter takes it, in quotes where it could be read as more than one."""
    if value and not re.search(r"[\s,\"!:<>=]|^-", value):
        return value
    return '"{}"'.format(value.replace('"', '""'))


def field_text(name: str, *values: str, whole: bool = False) -> str:
    """Return the part of a filter that asks a field for one of ``values``, or for one wholly."""
    return f"{name}{'=' if whole else ':'}{','.join(map(quoted, values))}"


def parts_of(text: str) -> Iterator[Part]:
    """Yield the parts of a filter as they were typed, whether or not they can be read."""
    at = _end_of(_SPACE, text, 0)
    while at < len(text):
        part = _part(text, at)
        yield part
        at = _end_of(_SPACE, text, part.end)


def _end_of(pattern: "re.Pattern[str]", text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found is not None else at


def _part(text: str, start: int) -> Part:
    """Return the part that begins at ``start``, which is no space."""
    inverted = text[start] == "!" and text[start + 1 : start + 2].strip() != ""
    at = start + inverted
    head = _HEAD.match(text, at)
    if head is not None and _is_field(head[2].lower(), head[3], text[head.end() :]):
        minus, name, operator = head.groups()
        inverted = inverted is not bool(minus)
        whole = operator == ":" and name.lower() not in _LISTED
        values, end = _values(text, head.end(), whole=whole)
        return Part(start, end, text[at:end], inverted, name.lower(), operator, values)
    values, end = _values(text, at, whole=True)
    quoted = text[at] == '"' and end > at + 1
    return Part(start, end, text[at:end], inverted, values=values, quoted=quoted)


_LISTED = frozenset((*OWNED.fields, *STOCK.fields, *HISTORY.fields, "is"))
"""Fields that take several values with commas between them; a target or an expression may itself
hold a comma."""


def _is_field(name: str, operator: str, rest: str) -> bool:
    """Tell whether a name and an operator begin a field, known or not, rather than a word."""
    if operator == ":":
        return name not in _NO_FIELDS and not rest.startswith("//")
    return operator != "=" or name in _LISTED


def _values(text: str, at: int, *, whole: bool) -> tuple[tuple[tuple[int, str], ...], int]:
    """Return the values from ``at`` on, each with its place, and where they end."""
    found: list[tuple[int, str]] = []
    pattern = _WHOLE_VALUE if whole else _VALUE
    while True:
        value = pattern.match(text, at)
        assert value is not None
        found.append((at, value[0] if value[1] is None else value[1].replace('""', '"')))
        at = value.end()
        if whole or text[at : at + 1] != ",":
            return tuple(found), at
        at += 1


def _word(part: Part) -> Term:
    text = _plain(part.values[0][1] if part.quoted else part.text)
    if not text:
        return Words("", ("",), (NUMBERS,), inverted=part.inverted)
    return _text_words(text, part.inverted)


def _plain(value: str) -> str:
    return " ".join(normalised(value).split())


def _text_words(text: str, inverted: bool) -> Words:
    number = number_text(text)
    if number is None:
        return Words(text, (text,), inverted=inverted)
    return Words(number, (number,), spellings=_digit_spellings(number), inverted=inverted)


def _digit_spellings(text: str) -> tuple[str, ...]:
    """Return the digit runs that a number written as ``text``, in ASCII, may stand for."""
    digits = digits_of(text)
    if digits.startswith("00") and len(digits) > 2 and "+" not in text:
        return (digits[2:], digits)
    if digits.startswith("0") and len(digits) > 1 and "+" not in text:
        return (digits, digits[1:])
    return (digits,)


def _whole_number(text: str) -> Words | None:
    """Return the whole text as one number, where its words alone would say less."""
    number = number_text(text)
    if number is None:
        return None
    digits = digits_of(number)
    if number.lstrip("([ ").startswith("+") or digits.startswith("00"):
        meant = partial_digits(number)
        if meant not in digits:
            return _text_words(f"+{meant}", inverted=False)
    return _text_words(text, inverted=False) if len(text.split()) > 1 else None


def _term(part: Part, layout: Layout, kinds: Collection[str]) -> Term:
    """Return what a field asks for.

    Raises:
        FilterError: There is no such field, or it cannot hold such a value.
    """
    name = part.name
    if part.operator in ("<", "<=", ">", ">=") or name in _COMPARED:
        return _comparison(part, layout)
    if name == "is":
        return _flags(part, layout)
    if name == "re":
        return _expression(part)
    if name in layout.fields:
        return _field(part, layout)
    if name == "linked":
        needle = _plain(f"{name}:{part.values[0][1]}")
        return Words(needle, (needle,), (LINKED,), inverted=part.inverted, field=name)
    if name in kinds:
        return _target(part)
    known = (*layout.fields, "is", "re", *kinds)
    raise FilterError(f"no field {name!r}: {nearest(name, known, layout.fields)}")


def _given(part: Part) -> list[str]:
    """Return the values of a field as they are compared; one that is empty only stands alone."""
    given = [_plain(value) for _, value in part.values]
    return [value for value in given if value] or [""]


def _field(part: Part, layout: Layout) -> Words:
    name, given, whole = part.name, _given(part), part.operator == "="
    if name == "number":
        return _numbers(part, (NUMBERS,), (NUMBERS,))
    line, tag = layout.places[name]
    if name == "to":
        return _numbers(part, (TARGETS, line), (PHONES,))
    if name in _VOCABULARIES:
        given = [word_key(value) for value in given]
    before = f"{WITHIN}{tag}"
    if name == "country":
        needles = [f"{before}{needle}" for value in given for needle in _countries(value)]
    elif whole:
        needles = [f"{before}{value}{WITHIN}" for value in given]
    elif name in _BEGINNINGS:
        needles = [f"{before}{value}" for value in given]
    else:
        needles = [value or before for value in given]
    told = (line, before) if name in _UNTOLD else None
    return Words(given[0], tuple(needles), (line,), inverted=part.inverted, told=told, field=name)


def _countries(value: str) -> list[str]:
    """Return what texts of a country begin with: its two letters whole, or a word of its name."""
    if value.lstrip("+").isdecimal():
        codes = find_countries(value)
    elif len(value) == 2 and value.upper() in COUNTRY_NAMES:
        codes = [value]
    elif value in COMMON_NAMES:
        codes = [COMMON_NAMES[value]]
    else:
        return [value]
    return [f"{code.lower()}{WITHIN}" for code in codes]


def _numbers(part: Part, lines: tuple[int, ...], numbers: tuple[int, ...]) -> Words:
    """Return what asks for numbers and texts: digits in any spelling, or the whole of it."""
    given, whole = _given(part), part.operator == "="
    needles, spellings = list[str](), list[str]()
    for value in given:
        # A phone number that can be dialled stands among the digits alone.
        number = number_text(value.removeprefix("phone:"))
        if whole:
            needles.append(f"{WITHIN}{value}{WITHIN}")
            if number is not None:
                needles.extend(f"{WITHIN}{sign}{digits_of(number)}{WITHIN}" for sign in ("", "+"))
        else:
            if number is None or part.name != "number":
                needles.append(value or WITHIN)
            spellings.extend(_digit_spellings(number) if number is not None else ())
        if part.name == "to" and value == _NOWHERE:
            needles.append(f"{WITHIN}unrouted{WITHIN}")
            lines = (*lines, FACTS)
    if whole:
        lines = (*numbers, *lines)
    return Words(
        given[0],
        tuple(dict.fromkeys(needles)),
        tuple(dict.fromkeys(lines)),
        tuple(dict.fromkeys(spellings)),
        numbers,
        part.inverted,
        field=part.name,
    )


_NOWHERE = "nowhere"


def _target(part: Part) -> Words:
    """Return what asks for a target as it is written, or its beginning."""
    value = _plain(part.values[0][1])
    number = number_text(value) if part.name == "phone" else None
    return Words(
        value,
        (f"{WITHIN}{part.name}:{value}",),
        (TARGETS,),
        _digit_spellings(number) if number is not None else (),
        (PHONES,),
        part.inverted,
        field="to",
    )


def _flags(part: Part, layout: Layout) -> Words:
    given = _given(part)
    for word in given:
        if not word:
            raise FilterError(f"is: wants {', '.join(layout.flags)}")
        meant = [flag for flag in layout.flags if flag.startswith(word)]
        if meant and word not in layout.flags:
            raise FilterError(f"is:{word} goes on as {' or '.join(meant)}")
        if word not in layout.flags:
            raise FilterError(f"no is:{word}: {nearest(word, layout.flags)}")
    needles = tuple(f"{WITHIN}{word}{WITHIN}" for word in given)
    return Words("", needles, (FACTS,), inverted=part.inverted, field="is", flags=tuple(given))


def _comparison(part: Part, layout: Layout) -> Comparison:
    name, value = part.name, _plain(part.values[0][1])
    compared = [one for one in _COMPARED if one in layout.fields]
    if name not in compared:
        hint = f"{' and '.join(compared)} can be compared" if compared else "nothing can be here"
        raise FilterError(f"{name}{part.operator} cannot be compared: {hint}")
    if name == "changed":
        return _age(part, value)
    operator = "=" if part.operator == ":" else part.operator
    found = _COST.fullmatch(value)
    if found is None:
        raise FilterError(f"cost{operator} wants an amount, such as cost>1 or cost<=0.90eur")
    limit = Decimal(found[1].replace(",", "."))
    return Comparison("cost", operator, limit, found[2] or "", part.inverted)


_OLDER = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _age(part: Part, value: str) -> Comparison:
    """Return what compares a time: what is less than a day ago is later than a day before now."""
    found = _AGE.fullmatch(value)
    operator = _OLDER.get(part.operator)
    if found is None or operator is None:
        raise FilterError("changed wants < or > and a time, such as changed<7d (m, h, d, w)")
    limit = Decimal(max(0, int(clock.timestamp()) - int(found[1]) * _UNITS[found[2]]))
    return Comparison("changed", operator, limit, inverted=part.inverted)


def _expression(part: Part) -> Term:
    text = part.values[0][1]
    if not text:
        return Words("", ("",), (NUMBERS,), inverted=part.inverted, field="re")
    try:
        term = read_expression(text)
    except ValueError as error:
        raise FilterError(f"re: {error}") from None
    return replace(term, inverted=part.inverted)


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand in the place of a part of a filter."""

    start: int
    end: int
    choices: tuple[str, ...] = ()

    @property
    def shared(self) -> str:
        """What all choices begin with."""
        first, last = min(self.choices, default=""), max(self.choices, default="")
        same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
        return "".join(one for one, _ in same)


def complete(
    text: str,
    at: int,
    layout: Layout = OWNED,
    values: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> Completion:
    """Return what the part of a filter that ends at ``at`` may become, by alphabet.

    ``values`` are those that are known of fields and of kinds of targets. A name is completed with
    its sign, a value with a space behind it.
    """
    part = next((one for one in parts_of(text[:at]) if one.end == at), None)
    if part is None:
        return Completion(at, at, tuple(_heads("", layout, values)))
    if not part.name:
        start = at - len(part.text) + part.text.startswith("-")
        return Completion(start, at, tuple(_heads(text[start:at], layout, values)))
    start, typed = part.values[-1]
    known = layout.flags if part.name == "is" else values.get(part.name, ())
    wanted = _plain(typed)
    found = {value for value in known if value and _begins(_plain(value), wanted)}
    return Completion(start, at, tuple(f"{quoted(one)} " for one in sorted(found, key=_plain)))


def _begins(value: str, typed: str) -> bool:
    """Tell whether a value, or a word of it, begins with what was typed."""
    return value.startswith(typed) or f" {typed}" in value


def _heads(typed: str, layout: Layout, values: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield what may begin a part: fields with their signs."""
    signs = {name: _SIGNS.get(name, ":") for name in (*layout.fields, "is", "re", *values)}
    return (f"{name}{sign}" for name, sign in signs.items() if name.startswith(typed.lower()))


_SIGNS = {"cost": ">", "changed": "<"}
