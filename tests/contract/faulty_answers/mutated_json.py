"""JSON that is right in everything but one place."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

_PLACE = "\x00"
"""Stands where a text is to be that no encoder would write."""

DEEP = 600
MEGABYTE = "x" * 1024 * 1024


@dataclass(frozen=True)
class Mutation:
    """One place of a JSON value, and what is written there."""

    path: Path
    name: str
    text: str | None
    """JSON or what passes for it; None leaves the place out."""

    @property
    def in_record(self) -> bool:
        """Whether it is inside one record of a list, so that others are untouched."""
        return any(isinstance(step, int) for step in self.path)

    @property
    def empties(self) -> bool:
        """Whether a list, or the whole, becomes what an empty one may look like."""
        return not self.in_record and (self.says_nothing or self.name == "then null")

    @property
    def says_nothing(self) -> bool:
        """Whether what is written there is a way to say that there is nothing."""
        return self.text in ("[]", "{}", "null", '""', None)

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'all'} {self.name}"


WRITTEN = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "negative": "-1",
    "beyond 64 bits": str(2**64),
    "400 digits": "1" + "0" * 400,
    "fraction": "1.50",
    "overflow": "1e999",
    "tiny": "-1e-999",
    "empty text": '""',
    "blank": '" "',
    "controls": '"\\u0000\\u001b]0;x\\u0007\\u202e\\n\\ud83d\\ude00"',
    "markup": '"[@click=app.quit]<b>=1+1[/]"',
    "a megabyte": f'"{MEGABYTE}"',
    "list": "[]",
    "list of lists": "[[[]], null, 1]",
    "object": "{}",
    "odd object": '{"id": {"id": []}, "": null}',
    "deep": "[" * DEEP + "]" * DEEP,
}


def mutations(value: Any) -> Iterator[Mutation]:
    """Yield every mutation of ``value``: each place left out, written otherwise, or doubled."""
    for path in _paths(value):
        here = _at(value, path)
        written = json.dumps(here)
        for name, text in WRITTEN.items():
            if written != text:
                yield Mutation(path, name, text)
        yield Mutation(path, "inside a list", f"[{written}]")
        yield Mutation(path, "inside an object", f'{{"value": {written}}}')
        if isinstance(here, list):
            yield Mutation(path, "an object of its places", json.dumps(dict(enumerate(here))))
        if path and isinstance(path[-1], str):
            yield Mutation(path, "left out", None)
            yield Mutation(path, "twice", f"null, {json.dumps(path[-1])}: {written}")
            yield Mutation(path, "then null", f"{written}, {json.dumps(path[-1])}: null")


def mutated(value: Any, mutation: Mutation) -> bytes:
    """Return ``value`` as JSON, written otherwise in that one place."""
    if not mutation.path:
        return (mutation.text or "").encode()
    whole = json.loads(json.dumps(value))
    holder = _at(whole, mutation.path[:-1])
    if mutation.text is None:
        del holder[mutation.path[-1]]
        return json.dumps(whole).encode()
    holder[mutation.path[-1]] = _PLACE
    return json.dumps(whole).replace(json.dumps(_PLACE), mutation.text).encode()


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        # All records are alike: the first and the last stand for the others.
        for index in sorted({0, len(value) - 1} & set(range(len(value)))):
            yield from _paths(value[index], (*path, index))
