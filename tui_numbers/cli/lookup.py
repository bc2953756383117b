"""Parse the words of a command line, and look up the numbers that they name."""

import asyncio
import contextlib
import csv
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import click

from tui_numbers.cli import errors
from tui_numbers.cli.terminal import Notices
from tui_numbers.domain.countries import COMMON_NAMES, UnknownCountry, read_country
from tui_numbers.domain.e164 import (
    E164,
    EXAMPLE,
    InvalidNumber,
    is_short_code,
    parse_number,
    read_number,
)
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.domain.query import TargetPattern
from tui_numbers.domain.text import nearest, word_key
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.input_parsing import InvalidInput, read_target
from tui_numbers.services.inventory import Lookup, find_number
from tui_numbers.services.workspace import Workspace
from tui_numbers.wording.values import failure_line, failure_lines

T = TypeVar("T")

_COMMENT = re.compile(r"(^|\s)#.*")


def known_word(option: str, word: str | None, known: Iterable[str]) -> str | None:
    """Return the known word that an option names, in its own spelling.

    Raises:
        click.UsageError: It is not; the text names the nearest.
    """
    if word is None:
        return None
    plain = word.strip().lower().replace("-", "_")
    choices = tuple(known)
    if plain not in choices:
        raise click.UsageError(f"{option}: no {word!r}; {nearest(plain, choices)}")
    return plain


def split_words(text: str | None) -> frozenset[str]:
    """Return the words of ``voice,sms``; a provider may have further ones than are known here."""
    return frozenset(word for word in map(word_key, (text or "").split(",")) if word)


def split_features(text: str | None) -> frozenset[str]:
    """Return the capabilities in ``voice,sms``, or in ``voice sms`` as tables print them."""
    return split_words(",".join((text or "").split()))


def mistyped(option: str, words: Iterable[str], known: Iterable[str]) -> str | None:
    """Return the message on a word that is one typing error away from a known one, or None."""
    choices = {word_key(word): word for word in known}
    for word in words:
        key = word_key(word)
        if key not in choices and any(_is_one_edit_away(key, other) for other in choices):
            return f"{option}: no {word!r}; {nearest(key, choices.values())}"
    return None


def _is_one_edit_away(typed: str, known: str) -> bool:
    """Tell whether one letter was deleted, inserted, replaced or swapped with the next."""
    if abs(len(typed) - len(known)) > 1:
        return False
    shorter, longer = sorted((typed, known), key=len)
    at = next(
        (i for i, pair in enumerate(zip(shorter, longer, strict=False)) if len(set(pair)) > 1),
        len(shorter),
    )
    if len(shorter) != len(longer):
        return shorter[at:] == longer[at + 1 :]
    swapped = longer[at : at + 2][::-1] + longer[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or shorter[at:] == swapped


def listed_country(text: str | None) -> str | None:
    """Return a country by code, name or calling code; a record may bear letters of no country.

    Raises:
        click.UsageError: They are not two letters, and no country is called so.
    """
    code = (text or "").strip()
    if len(code) == 2 and code.isascii() and code.isalpha() and code.lower() not in COMMON_NAMES:
        return code.upper()
    return country_code(text)


def country_code(text: str | None) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country by code, name or calling code.

    Raises:
        click.UsageError: There is no such country, or several are meant.
    """
    try:
        return None if text is None else read_country(text)
    except UnknownCountry as error:
        raise click.UsageError(f"--country: {error}") from None


def parse_numbers(texts: Sequence[str], *, short_codes: bool = True) -> list[E164]:
    """Return phone numbers as typed, each once; say how one was read where its digits changed.

    Raises:
        click.UsageError: One is not a complete number.
    """
    try:
        readings = [read_number(text, short_codes=short_codes) for text in texts]
    except InvalidNumber as error:
        raise click.UsageError(str(error)) from None
    notices = Notices()
    for reading in readings:
        for note in reading.notes:
            notices.once(note)
    return list(dict.fromkeys(reading.number for reading in readings))


_LARGEST = 4_000_000
"""Bytes that are read of a file or a pipe of numbers."""

_MOST_TOLD = 5


def named_numbers(texts: Sequence[str]) -> list[E164]:
    """Return the numbers that a command names, each once: as typed, from files, from a pipe.

    ``-`` stands for standard input and ``@FILE`` for a file: a number a line, or the first column
    of CSV. Empty lines and what follows ``#`` are left out. A first line whose first cell has no
    digit is a heading: where it has a column ``number``, the numbers are in that one.

    Raises:
        click.UsageError: One of them is no number, or a file cannot be read; nothing is used then.
    """
    if texts.count("-") > 1:
        raise click.UsageError("- is named twice, and standard input can be read once")
    found: list[E164] = []
    for text in texts:
        if text == "-":
            found += _numbers_in("standard input", sys.stdin.buffer.read(_LARGEST))
        elif text.startswith("@"):
            found += _numbers_in(text[1:], _content(text[1:]))
        else:
            found += parse_numbers([text])
    return list(dict.fromkeys(found))


def _content(name: str) -> bytes:
    try:
        with Path(name).expanduser().open("rb") as file:
            return file.read(_LARGEST)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"{name} cannot be read: {reason}") from None


def _numbers_in(name: str, content: bytes) -> list[E164]:
    """Return the numbers in a file, as text or CSV."""
    if len(content) >= _LARGEST:
        raise click.UsageError(f"{name} is too large: name at most {_LARGEST:,} bytes of numbers")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise click.UsageError(f"{name} is no UTF-8 text: save it as such, or as CSV") from None
    found: list[E164] = []
    problems: list[str] = []
    notices, column, is_first = Notices(), 0, True
    for place, line in enumerate(lines, 1):
        cells = _cells(line)
        if is_first and cells and not any(map(str.isdigit, cells[0])):
            column = next((at for at, cell in enumerate(cells) if cell.lower() == "number"), 0)
            notices.say(f"{name}:{place} is taken for a heading; numbers are in {cells[column]!r}")
        elif len(cells) > column and cells[column]:
            try:
                reading = read_number(cells[column], short_codes=True)
            except InvalidNumber as error:
                problems.append(f"{name}:{place}: {error}")
            else:
                found.append(reading.number)
                for note in reading.notes:
                    notices.once(f"{name}:{place}: {note}")
        is_first = is_first and not cells
    _refuse_unreadable(problems)
    if not found:
        raise click.UsageError(f"{name} holds no number")
    return found


def _cells(line: str) -> list[str]:
    """Return the cells of a line of CSV, whichever of the usual signs is between them."""
    text = _COMMENT.sub("", line).strip()
    signs = [sign for sign in ",;\t" if sign in text]
    between = min(signs, key=text.index) if signs else ","
    return [cell.strip() for cell in next(csv.reader([text], delimiter=between), [])]


def _refuse_unreadable(problems: Sequence[str]) -> None:
    if problems:
        more = len(problems) - _MOST_TOLD
        rest = [f"and {more:,} more like these"] if more > 0 else []
        raise click.UsageError("; ".join([*problems[:_MOST_TOLD], *rest, "nothing was sent"]))


def phones_in(texts: Iterable[str]) -> list[E164]:
    """Return the complete numbers among ``texts``, with or without ``phone:``."""
    found = []
    for text in texts:
        with contextlib.suppress(InvalidNumber):
            found.append(parse_number(text.strip().removeprefix("phone:")))
    return found


def parse_target_pattern(
    option: str, text: str | None, infos: Iterable[ProviderInfo]
) -> TargetPattern | None:
    """Return the pattern ``KIND[:VALUE]``; a record may have a kind that no provider declares.

    Raises:
        click.UsageError: There is no kind, or no provider that knows it takes the value.
    """
    if text is None:
        return None
    kind, colon, value = text.strip().partition(":")
    kind = kind.strip().lower()
    if not kind:
        raise click.UsageError(f"{option}: write KIND or KIND:VALUE, not {text!r}")
    if not colon or not value.strip():
        return TargetPattern(kind)
    knowing = [info for info in infos if info.target_kind(kind) is not None]
    if not knowing:
        return TargetPattern(kind, value.strip())
    try:
        target = first_able(knowing, lambda info: read_target(info, f"{kind}:{value}"))
    except InvalidInput as error:
        raise click.UsageError(f"{option}: {error}") from None
    return TargetPattern(target.kind, target.value)


def first_able(infos: Iterable[ProviderInfo], read: Callable[[ProviderInfo], T]) -> T:
    """Return what the first provider reads that can read it.

    Raises:
        InvalidInput: None is; where they differ, each says why.
    """
    problems: dict[str, InvalidInput] = {}
    for info in infos:
        try:
            return read(info)
        except InvalidInput as error:
            problems.setdefault(str(error), error)
    first = next(iter(problems.values()))
    raise InvalidInput(first.field, "; ".join(problems))


_CONCURRENT_LOOKUPS = 100
"""Numbers asked for together, which a listing may answer; each account keeps its own pace."""


@dataclass(frozen=True)
class Found:
    """One number as it was read afresh, or why it cannot be used."""

    number: E164
    owned: OwnedNumber | None = None
    problem: str = ""
    code: int = errors.DONE
    failures: Mapping[str, ProviderError] = field(default_factory=dict)

    @property
    def notices(self) -> list[str]:
        """Lines on accounts that could not say whether they hold it, where another one does."""
        return failure_lines(self.failures) if self.owned is not None else []


async def find_all(workspace: Workspace, numbers: Sequence[E164]) -> list[Found]:
    """Read several numbers afresh, at every account."""
    turns = asyncio.Semaphore(_CONCURRENT_LOOKUPS)

    async def one(number: E164) -> Found:
        async with turns:
            return _judge(workspace, number, await find_number(workspace, number))

    return list(await asyncio.gather(*map(one, numbers)))


def _judge(workspace: Workspace, number: E164, lookup: Lookup) -> Found:
    """Turn a lookup into the one number it found, or the reason and the exit code."""
    failures = lookup.failures
    if len(lookup.found) == 1:
        return Found(number, lookup.found[0], failures=failures)
    if lookup.found:
        holders = " and ".join(owned.account for owned in lookup.found)
        problem = f"{number} is held by {holders}: name one with --account"
        return Found(number, None, problem, errors.REFUSED, failures)
    asked = [account.name for account in workspace.accounts]
    if len(failures) == len(asked):
        problem = "; ".join(failure_line(*entry) for entry in failures.items())
        return Found(number, None, problem, errors.code_of_failures(failures.values()), failures)
    answered = [name for name in asked if name not in failures]
    problem = f"{number} is not held by {', '.join(answered)}"
    if is_short_code(number) and not failures:
        problem = (
            f"{str(number)!r} is not a complete phone number, and as a short code it is not held "
            f"by {', '.join(answered)}: write it with + and its country code, such as {EXAMPLE}"
        )
        return Found(number, None, problem, errors.USAGE)
    if failures:
        problem += f"; not known, without an answer: {'; '.join(failure_lines(failures))}"
    return Found(number, None, problem, errors.REFUSED, failures)
