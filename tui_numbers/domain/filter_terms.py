"""Define what a filter is made of: the lines of a row's text, and the terms that look at them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any, Final

from tui_numbers.domain.e164 import digits_of

SEPARATOR: Final = "\n"
"""Stands between the lines of a haystack."""
WITHIN: Final = "  "
"""Stands between texts that share a line, and around them; no text holds two spaces."""

NUMBERS, PHONES, LINKED, TARGETS, FLAGS, COST, CHANGED, SHOWN = range(8)
"""The lines of a haystack. ``NUMBERS`` and ``PHONES`` (those that a row points at) are digits;
``LINKED`` are stored targets, ``TARGETS`` those in force as they are written, with their names;
``FLAGS`` are words of ``is:``; ``COST`` is an amount and its currency, ``CHANGED`` seconds since
1970. From ``SHOWN`` on stands what a row shows, where words are looked for."""

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


def line_of(*texts: str | None) -> str:
    """Return the line of a haystack that holds these texts, each once; empty where none is."""
    found = dict.fromkeys(" ".join(normalised(text).split()) for text in texts if text)
    found.pop("", None)
    return f"{WITHIN}{WITHIN.join(found)}{WITHIN}" if found else ""


def plain_line(text: str) -> str:
    """Return the line that holds one text of ASCII without spaces, in lower case."""
    return f"{WITHIN}{text}{WITHIN}"


@dataclass(frozen=True)
class Layout:
    """What the rows of one table are found by: the lines of their haystacks, and the fields."""

    texts: tuple[str, ...] = ()
    """The fields of the lines from ``SHOWN`` on, in their order."""
    fields: tuple[str, ...] = ("number",)
    """The fields that may be asked for."""
    flags: tuple[str, ...] = ("marked",)
    """The words of ``is:``."""
    places: Mapping[str, int] = field(init=False, compare=False, repr=False)
    """The lines of ``texts``."""

    def __post_init__(self) -> None:
        """Work out where each line stands."""
        places = {name: at for at, name in enumerate(self.texts, SHOWN)}
        object.__setattr__(self, "places", places)

    def __hash__(self) -> int:
        return hash((self.texts, self.fields))


PLAIN: Final = Layout()
_BOTH = ("number", "account", "provider", "country", "type")
# fmt: off - the lines of a haystack, then the fields, then the flags
OWNED: Final = Layout(
    (
        "account",
        "provider",
        "status",
        "country",
        "type",
        "features",
        "name",
        "place",
        "voice",
        "sms",
        "further",
    ),
    (*_BOTH, "status", "to", "name", "place", "features", "cost", "changed"),
    ("unrouted", "temporary", "locked", "porting", "pending", "marked", "finding", "readonly"),
)
STOCK: Final = Layout(
    ("account", "provider", "country", "type", "features", "place", "further"),
    (*_BOTH, "features", "place", "cost"),
)
HISTORY: Final = Layout(
    ("account", "provider", "action", "outcome", "reason", "who", "change"),
    ("number", "account", "provider", "action", "outcome", "to", "reason", "who", "changed"),
    ("open", "marked"),
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
    lines = [digits_line(number), digits_line(*phones), linked_line(linked), "", "", "", ""]
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
    told: int | None = None
    """The line without which a row passes neither way: nobody told what is asked for."""
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


_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}


@dataclass(frozen=True, slots=True)
class Comparison:
    """An amount or a time that is compared with what a row tells."""

    told: int
    """``COST`` or ``CHANGED``."""
    operator: str
    limit: Decimal
    currency: str = ""
    """ISO 4217 in lower case; empty for any."""
    inverted: bool = False
    field: str = "cost"

    def holds(self, line: str) -> bool:
        """Tell whether what a row tells on its line is as asked for."""
        amount, _, currency = line.strip().partition(" ")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            return False
        if self.currency and currency != self.currency:
            return False
        return bool(_COMPARE[self.operator](value, self.limit))

    def inside(self, lines: Lines) -> bool:
        """Tell whether it holds."""
        return self.holds(_line(lines, self.told))


LONGEST_SEARCHED: Final = 120
"""Characters of a text that an expression is tried on, which bounds how long it may take."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression, tried on each text that a row shows."""

    pattern: re.Pattern[str]
    literal: str = ""
    """A text without which nothing matches; empty where none is known."""
    inverted: bool = False
    told: None = None
    field: str = "re"

    def holds(self, line: str) -> bool:
        """Tell whether it matches a text of one line."""
        if self.literal not in line:
            return False
        search = self.pattern.search
        return any(search(text, 0, LONGEST_SEARCHED) for text in line[2:-2].split(WITHIN))

    def inside(self, lines: Lines) -> bool:
        """Tell whether it matches any text."""
        looked_at = (_line(lines, NUMBERS), _line(lines, PHONES), *lines[SHOWN:])
        return any(self.holds(line) for line in looked_at if line)


_MOST_WAYS = 300_000
"""In how many ways an expression may be tried on one text; more could keep a screen waiting."""
_MANY_WAYS = 10**9
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_GROUPS = ("SUBPATTERN", "ATOMIC_GROUP", "ASSERT", "ASSERT_NOT")


def read_expression(text: str) -> tuple["re.Pattern[str]", str]:
    """Return a regular expression that texts are searched by, and a literal that it needs.

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
    return pattern, _needed_literal(nodes)


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


def _needed_literal(nodes: Iterable[tuple[Any, Any]]) -> str:
    """Return the longest text that stands in everything an expression matches."""
    runs, run = [""], ""
    for operation, value in nodes:
        name = str(operation)
        if name == "LITERAL" and value < _ASCII and chr(value).isprintable():
            run += chr(value).lower()
            continue
        runs.append(run)
        run = ""
        if name in _REPEATS and value[0] > 0:
            runs.append(_needed_literal(value[2]))
        elif name == "SUBPATTERN":
            runs.append(_needed_literal(value[-1]))
    return max((*runs, run), key=len).strip()


_ASCII = 128


Term = Words | Comparison | Expression


def verdict(term: Term, lines: Lines) -> bool | None:
    """Tell whether a row passes a term; None where nobody told what it asks for."""
    if term.told is not None and not _line(lines, term.told):
        return None
    return term.inside(lines) is not term.inverted
