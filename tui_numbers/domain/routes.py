"""Describe saved routes, and read and write their TOML files."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.e164 import E164, InvalidNumber, read_number
from tui_numbers.domain.text import nearest

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_KEYS = ("title", "note", "numbers")
_LINE_KEYS = ("account", "number", "set", "clear")


class RouteError(Exception):
    """A route cannot be read, written or named so; the text says why and where."""


class Standing(StrEnum):
    """How a wanted setting stands."""

    IN_FORCE = "in_force"
    ELSEWHERE = "elsewhere"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class RouteLine:
    """What one number is to be set to."""

    account: str
    number: E164
    edits: Mapping[str, Edit]
    place: int = 0
    """Which of the file's entries it is, from 1; 0 where it is in no file yet."""
    problem: str | None = None
    """Why the entry cannot be used as it is written."""

    @property
    def change(self) -> Change:
        """The change that it asks for."""
        return Change(self.edits)

    @property
    def key(self) -> tuple[str, E164]:
        """The account and the number."""
        return self.account, self.number


@dataclass(frozen=True, slots=True)
class Route:
    """A named, saved piece of wanted settings."""

    name: str
    title: str = ""
    note: str = ""
    lines: tuple[RouteLine, ...] = ()
    problems: tuple[str, ...] = field(default=())
    """What of the file is not understood, a sentence each."""

    def shared_with(self, other: "Route") -> list[tuple[str, E164]]:
        """Return the numbers of which another route sets some of the same settings."""
        theirs = {line.key: line.edits.keys() for line in other.lines}
        return [line.key for line in self.lines if theirs.get(line.key, {}) & line.edits.keys()]


def check_name(name: str) -> str:
    """Return the name of a route.

    Raises:
        RouteError: It cannot be the name of its file.
    """
    if not NAME.fullmatch(name):
        raise RouteError(
            f"{name!r} is no name of a route: use small letters, digits, - and _, such as "
            f"after-hours"
        )
    return name


def read_route(name: str, text: str) -> Route:
    """Read the file of a route; an entry that cannot be used is kept with its problem.

    Raises:
        RouteError: It is no TOML; the text names the line.
    """
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise RouteError(f"route {name} is not TOML: {error}") from None
    problems = [
        f"route {name}: no key {key!r}; {nearest(key, _KEYS)}"
        for key in document
        if key not in _KEYS
    ]
    title, note = document.get("title", ""), document.get("note", "")
    for key, value in (("title", title), ("note", note)):
        if not isinstance(value, str):
            problems.append(f"route {name}: {key} is a text in quotes")
    entries = document.get("numbers", [])
    if not isinstance(entries, list):
        problems.append(f"route {name}: numbers are written as [[numbers]], one for each")
        entries = []
    if not entries:
        problems.append(f"route {name} has no numbers")
    lines = [_line(place, entry) for place, entry in enumerate(entries, start=1)]
    return Route(
        name,
        title if isinstance(title, str) else "",
        note if isinstance(note, str) else "",
        tuple(_with_doubles(lines)),
        tuple(problems),
    )


def _line(place: int, entry: Any) -> RouteLine:
    if not isinstance(entry, dict):
        return RouteLine("", E164(""), {}, place, "it is no table: write [[numbers]] above it")
    account, typed = entry.get("account"), entry.get("number")
    problems = [f"no key {key!r}; {nearest(key, _LINE_KEYS)}" for key in entry
                if key not in _LINE_KEYS]  # fmt: skip
    if not isinstance(account, str) or not account:
        problems.append('it names no account: add account = "NAME"')
        account = ""
    number = E164(typed if isinstance(typed, str) else "")
    if not isinstance(typed, str):
        problems.append('it names no number: add number = "+442079460000"')
    else:
        try:
            number = read_number(typed).number
        except InvalidNumber as error:
            problems.append(str(error))
    edits = _edits(entry, problems)
    return RouteLine(account, number, edits, place, "; ".join(problems) or None)


def _edits(entry: Mapping[str, Any], problems: list[str]) -> dict[str, Edit]:
    edits: dict[str, Edit] = {}
    wanted, cleared = entry.get("set", {}), entry.get("clear", [])
    if not isinstance(wanted, dict) or not all(isinstance(one, str) for one in wanted.values()):
        problems.append('set is written as set = { target = "team:TM…" }')
        wanted = {}
    if not isinstance(cleared, list) or not all(isinstance(one, str) for one in cleared):
        problems.append('clear is written as clear = ["voice"]')
        cleared = []
    for key, value in wanted.items():
        if not value.strip():
            problems.append(f"{key} is empty: to remove it write clear = [{json.dumps(key)}]")
        edits[key] = Set(value)
    for key in cleared:
        if key in edits:
            problems.append(f"{key} is both set and cleared: leave one of them out")
        edits.setdefault(key, CLEAR)
    if not edits and not problems:
        problems.append('it sets nothing: add set = { target = "team:TM…" }')
    return edits


def _with_doubles(lines: Sequence[RouteLine]) -> Iterable[RouteLine]:
    """Say of a number that stands twice that it does; which is meant cannot be known."""
    first: dict[tuple[str, E164], int] = {}
    for line in lines:
        place = first.setdefault(line.key, line.place)
        if place == line.place or line.problem is not None:
            yield line
        else:
            problem = f"the number stands in entry {place} too: leave one of them out"
            yield replace(line, problem=problem)


def route_text(route: Route) -> str:
    """Return the file of a route, one entry below the other, made for a reviewer."""
    parts = [f"title = {_quoted(route.title)}"]
    if route.note:
        parts.append(f"note = {_quoted(route.note)}")
    blocks = ["\n".join(parts)]
    for line in route.lines:
        wanted = {key: edit.value for key, edit in line.edits.items() if isinstance(edit, Set)}
        cleared = [key for key, edit in line.edits.items() if not isinstance(edit, Set)]
        rows = [
            "[[numbers]]",
            f"account = {_quoted(line.account)}",
            f"number = {_quoted(line.number)}",
        ]
        if wanted:
            pairs = ", ".join(f"{_bare(key)} = {_quoted(text)}" for key, text in wanted.items())
            rows.append(f"set = {{ {pairs} }}")
        if cleared:
            rows.append(f"clear = [{', '.join(map(_quoted, cleared))}]")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
