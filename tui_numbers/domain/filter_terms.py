"""Define what a filter is made of: the lines of a row's text, and the terms that look at them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any, Final

from tui_numbers.domain.e164 import digits_of

SEPARATOR: Final = "\n"
"""Stands between the lines of a haystack."""
WITHIN: Final = "  "
"""Stands between texts that share a line, and around them; no text holds two spaces."""

NUMBERS, PHONES, LINKED, TARGETS, FACTS, CHANGED, SHOWN = range(7)
"""The lines of a haystack. ``NUMBERS`` and ``PHONES`` (those that a row points at) are digits;
``LINKED`` are stored targets, ``TARGETS`` those in force as they are written, with their names;
``FACTS`` are the words of ``is:``, and an amount with its currency; ``CHANGED`` is seconds since
1970. From ``SHOWN`` on stands what a row shows, where words are looked for."""
TAGS: Final = "\x01\x02\x03\x04"
"""Stand before the texts of fields that share a line; no text holds one."""
COST_TAG: Final = TAGS[-1]

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
    # Expressions, which know no case, take the i without a dot for one with it.
    folded = folded.replace("\u0131", "i")
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), folded)


def line_of(*texts: str | None, tag: str = "") -> str:
    """Return the line of a haystack that holds these texts, each once; empty where none is."""
    found = dict.fromkeys(" ".join(normalised(text).split()) for text in texts if text)
    found.pop("", None)
    return f"{WITHIN}{tag}{f'{WITHIN}{tag}'.join(found)}{WITHIN}" if found else ""


def joined(*lines: str) -> str:
    """Return the line that holds the texts of several."""
    found = [line.removesuffix(WITHIN) for line in lines if line]
    return f"{''.join(found)}{WITHIN}" if found else ""


@dataclass(frozen=True)
class Layout:
    """What the rows of one table are found by: the lines of their haystacks, and the fields."""

    lines: tuple[tuple[str, ...], ...] = ()
    """The fields of each line from ``SHOWN`` on; those that share one have a tag each."""
    fields: tuple[str, ...] = ("number",)
    """The fields that may be asked for."""
    flags: tuple[str, ...] = ("marked",)
    """The words of ``is:``."""
    places: Mapping[str, tuple[int, str]] = field(init=False, compare=False, repr=False)
    """The line of each field, and the tag before its texts."""

    def __post_init__(self) -> None:
        """Work out where each field stands."""
        places = {
            name: (line, TAGS[at] if len(names) > 1 else "")
            for line, names in enumerate(self.lines, SHOWN)
            for at, name in enumerate(names)
        }
        object.__setattr__(self, "places", places)

    def tag(self, name: str) -> str:
        """Return what stands before each text of a field."""
        return self.places[name][1]


PLAIN: Final = Layout()
_BOTH = ("number", "account", "provider", "country", "type")
_KINDS = ("country", "type", "features")
# fmt: off - the lines of a haystack, then the fields, then the flags
OWNED: Final = Layout(
    (("account", "provider", "status"), _KINDS, ("name",), ("place",), ("to",), ("further",)),
    (*_BOTH, "status", "to", "name", "place", "features", "cost", "changed"),
    ("unrouted", "temporary", "locked", "porting", "pending", "marked", "finding", "readonly"),
)
STOCK: Final = Layout(
    (("account", "provider"), _KINDS, ("place",), ("further",)),
    (*_BOTH, "features", "place", "cost"),
)
HISTORY: Final = Layout(
    (("account", "provider", "action", "outcome"), ("to",), ("reason",), ("who",)),
    ("number", "account", "provider", "action", "outcome", "to", "reason", "who", "changed"),
    ("open", "marked"),
)
USES: Final = Layout(
    (("account",), ("to",), ("status",), ("further",)), ("account", "to", "status"), ("marked",)
)
# fmt: on


def haystack(
    number: str,
    texts: Iterable[str | None],
    phones: Iterable[str] = (),
    linked: Iterable[str] = (),
) -> str:
    """Join what a row of no special layout can be found by into one string, made once a row.

    ``number`` and ``phones`` are E.164: their digits match in any spelling. ``linked`` are the
    targets that are stored (``kind:value``), which ``linked:`` finds. Each of ``texts`` has a line
    of its own, whether it is there or not.
    """
    lines = [digits_line(number), digits_line(*phones), linked_line(linked), "", "", ""]
    lines.extend(map(line_of, texts))
    return SEPARATOR.join(lines if len(lines) > SHOWN else (*lines, ""))


def digits_line(*numbers: str) -> str:
    """Return the line of numbers, those in E.164 with their plus."""
    digits = [number if number.isascii() and number[1:].isdigit() else digits_of(number)
              for number in numbers]  # fmt: skip
    return f"{WITHIN}{WITHIN.join(digits)}{WITHIN}" if digits else ""


def linked_line(targets: Iterable[str]) -> str:
    """Return the line of targets that are stored, each as ``linked:`` names it."""
    return line_of(*(f"linked:{target}" for target in targets))


Lines = Sequence[str]
"""A haystack's lines."""
Told = tuple[int, str]
"""The line that tells something, and what stands in it then."""


def _line(lines: Lines, at: int) -> str:
    return lines[at] if at < len(lines) else ""


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of which one must be found, or digits of a number in any spelling."""

    text: str
    """What is highlighted where it is shown."""
    needles: tuple[str, ...]
    lines: tuple[int, ...] = ()
    """Where the texts are looked for; empty for all that is shown."""
    spellings: tuple[str, ...] = ()
    """The digit runs it may stand for; none where it is no part of a number."""
    numbers: tuple[int, ...] = (NUMBERS, PHONES)
    """Where digits are looked for."""
    inverted: bool = False
    """Whether rows pass that it is not found in."""
    told: Told | None = None
    """What a row must tell to pass either way; None where nobody has to tell it anything."""
    field: str = ""
    """The field it was written as; empty for a word."""
    flags: tuple[str, ...] = ()
    """The words of ``is:`` that it asks for, which may also be known from outside the rows."""

    @property
    def cores(self) -> tuple[str, ...]:
        """The spellings that hold no other one: where none of these is found, none is."""
        return tuple(
            one
            for one in self.spellings
            if not any(other in one for other in self.spellings if other != one)
        )

    def inside(self, lines: Lines) -> bool:
        """Tell whether it is found; whether that is wanted, ``inverted`` tells."""
        looked_at = [_line(lines, at) for at in self.lines] if self.lines else lines[SHOWN:]
        if any(needle in line for needle in self.needles for line in looked_at):
            return True
        numbers = [_line(lines, at) for at in self.numbers]
        return any(core in line for core in self.cores for line in numbers)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An amount or a time that is compared with what a row tells."""

    field: str
    """``cost`` or ``changed``."""
    operator: str
    limit: Decimal
    """Of times, seconds since 1970."""
    currency: str = ""
    """ISO 4217 in lower case; empty for any."""
    inverted: bool = False

    @property
    def line(self) -> int:
        """The line on which it stands."""
        return FACTS if self.field == "cost" else CHANGED

    @property
    def told(self) -> Told:
        """What a row must tell to pass either way."""
        return self.line, WITHIN + (COST_TAG if self.field == "cost" else "")

    def holds(self, line: str) -> bool:
        """Tell whether what a row tells on its line is as asked for."""
        _, told, amount = line.partition(self.told[1])
        return bool(told) and self.holds_of(amount.partition(WITHIN)[0])

    def holds_of(self, told: str) -> bool:
        """Tell whether an amount, with its currency behind it, or a time is as asked for."""
        amount, _, currency = told.partition(" ")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            return False
        if self.currency and currency != self.currency:
            return False
        return bool(COMPARE[self.operator](value, self.limit))

    def inside(self, lines: Lines) -> bool:
        """Tell whether it holds."""
        return self.holds(_line(lines, self.line))


COMPARE: Final = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}
"""What each sign of a comparison means, of what is told and the limit."""

LONGEST_SEARCHED: Final = 120
"""Characters of a text that an expression is tried on, which bounds how long it may take."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression, tried on each text that a row shows."""

    pattern: re.Pattern[str]
    literals: tuple[str, ...] = ()
    """Texts that stand in everything that it matches."""
    inverted: bool = False
    told: None = None
    field: str = "re"

    def holds(self, text: str) -> bool:
        """Tell whether it matches one text."""
        return self.pattern.search(text, 0, LONGEST_SEARCHED) is not None

    def inside(self, lines: Lines) -> bool:
        """Tell whether it matches any text."""
        looked_at = (_line(lines, NUMBERS), _line(lines, PHONES), *lines[SHOWN:])
        return any(map(self.holds, texts_of("".join(looked_at))))


def texts_of(line: str) -> list[str]:
    """Return the texts of a line, without their tags."""
    return line.translate(_UNTAGGED)[len(WITHIN) : -len(WITHIN)].split(WITHIN) if line else []


_UNTAGGED = dict.fromkeys(map(ord, TAGS))

_MOST_WAYS = 300_000
"""In how many ways an expression may be tried on one text; more could keep a screen waiting."""
_MANY_WAYS = 10**9
_ASCII = 128
_BEFORE = (WITHIN, *(f"{WITHIN}{tag}" for tag in TAGS))
"""What stands before a text of any field."""
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_GROUPS = ("SUBPATTERN", "ATOMIC_GROUP", "ASSERT", "ASSERT_NOT")


def read_expression(text: str) -> Words | Expression:
    """Return the term that asks for a regular expression, of which letters stand for both cases.

    Raises:
        ValueError: It is none, or may take too long on a text; the text says which.
    """
    # The parser has no public name any more; only it knows what an expression means.
    from re import _parser  # type: ignore[attr-defined]

    if len(text) > LONGEST_SEARCHED:
        raise ValueError(f"is longer than {LONGEST_SEARCHED} characters")
    try:
        pattern = re.compile(text, re.IGNORECASE)
        nodes = list(_parser.parse(text, re.IGNORECASE))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"cannot be read: {error}") from None
    if _ways(nodes) > _MOST_WAYS:
        raise ValueError("may take too long: leave out repeats within repeats, or a * or +")
    return _plain_expression(nodes) or Expression(
        pattern, tuple(dict.fromkeys(_needed_literals(nodes)))
    )


def _plain_expression(nodes: list[tuple[Any, Any]]) -> Words | None:
    """Return what finds the same as an expression without signs, or with ``^`` and ``$`` alone."""
    while nodes and _is_anything(nodes[0]):
        nodes = nodes[1:]
    while nodes and _is_anything(nodes[-1]):
        nodes = nodes[:-1]
    first = bool(nodes) and str(nodes[0][1]) == "AT_BEGINNING"
    last = len(nodes) > first and str(nodes[-1][1]) == "AT_END"
    inside = nodes[first : len(nodes) - last]
    text = "".join(map(_literal, inside))
    if len(text) != len(inside) or not text or text != " ".join(text.split()):
        return None
    behind = WITHIN if last else ""
    needles = [f"{before}{text}{behind}" for before in (_BEFORE if first else ("",))]
    return Words(text, tuple(needles), spellings=tuple(needles), field="re")


def _is_anything(node: tuple[Any, Any]) -> bool:
    """Tell whether a node is ``.*``, which changes nothing at either end of an expression."""
    operation, value = node
    anything = str(operation) in _REPEATS[:2] and value[0] == 0
    return anything and str(list(value[2])) == "[(ANY, None)]"


def _literal(node: tuple[Any, Any]) -> str:
    """Return the character that a node stands for, in lower case; nothing for any other node."""
    operation, value = node
    plain = str(operation) == "LITERAL" and value < _ASCII and chr(value).isprintable()
    return chr(value).lower() if plain else ""


def _ways(nodes: Iterable[tuple[Any, Any]]) -> int:
    """Return in how many ways a part of an expression may be tried on the longest text."""
    ways = 1
    for operation, value in nodes:
        name = str(operation)
        if name in _REPEATS:
            least, most, body = value
            most = min(int(most), LONGEST_SEARCHED)
            inner = _ways(body)
            ways *= max(1, most - min(int(least), most) + 1)
            ways *= min(inner ** min(most, 64), _MANY_WAYS)
        elif name == "BRANCH":
            ways *= max(1, sum(map(_ways, value[1])))
        elif name in _GROUPS:
            body = value if name == "ATOMIC_GROUP" else value[-1]
            ways *= _ways(body)
        elif name == "GROUPREF_EXISTS":
            ways *= sum(_ways(body) for body in value[1:] if body)
        ways = min(ways, _MANY_WAYS)
    return ways


def _needed_literals(nodes: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """Yield texts that stand in everything an expression matches."""
    run = ""
    for operation, value in nodes:
        name = str(operation)
        if letter := _literal((operation, value)):
            run += letter
            continue
        if run.strip():
            at_end = str(value) == "AT_END" and run == run.rstrip()
            yield f"{run.strip()}{WITHIN if at_end else ''}"
        run = ""
        if name in _REPEATS and value[0] > 0:
            yield from _needed_literals(value[2])
        elif name == "SUBPATTERN":
            yield from _needed_literals(value[-1])
    if run.strip():
        yield run.strip()


Term = Words | Comparison | Expression


def verdict(term: Term, lines: Lines) -> bool | None:
    """Tell whether a row passes a term; None where nobody told what it asks for."""
    if term.told is not None and term.told[1] not in _line(lines, term.told[0]):
        return None
    return term.inside(lines) is not term.inverted
