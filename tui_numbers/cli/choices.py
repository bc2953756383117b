"""Reading the values of options: known words, countries, features, targets, numbers."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import click

from tui_numbers.cli.terminal import Notices
from tui_numbers.domain.e164 import E164, InvalidNumber, parse_number, read_number
from tui_numbers.domain.numbers import CAPABILITIES
from tui_numbers.providers.contract import ProviderInfo
from tui_numbers.services.config import nearest
from tui_numbers.services.values import InvalidInput, read_target

T = TypeVar("T")

_OFTEN_MEANT = {"UK": "GB", "EN": "GB", "USA": "US"}


def known_word(option: str, word: str | None, known: Iterable[str]) -> str | None:
    """Return a word that is known, in its own spelling.

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


def feature_words(words: str | None) -> frozenset[str]:
    """Return the capabilities in ``voice,sms``.

    Raises:
        click.UsageError: One of them is not known.
    """
    found = (words or "").replace(",", " ").split()
    known = (known_word("--features", word, CAPABILITIES) for word in found)
    return frozenset(word for word in known if word)


def country_code(text: str | None) -> str | None:
    """Return an ISO 3166-1 alpha-2 code in upper case.

    Raises:
        click.UsageError: There is no such country.
    """
    if text is None:
        return None
    import phonenumbers

    code = text.strip().upper()
    if code in phonenumbers.SUPPORTED_REGIONS:
        return code
    meant = _OFTEN_MEANT.get(code)
    fix = f"did you mean {meant!r}?" if meant else "use its two letters (ISO 3166-1), such as GB"
    raise click.UsageError(f"--country: no country {text!r}; {fix}")


def numbers_of(texts: Sequence[str], *, short_codes: bool = True) -> list[E164]:
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


def phones_in(texts: Iterable[str]) -> list[E164]:
    """Return the complete numbers among ``texts``, with or without ``phone:``."""
    found = []
    for text in texts:
        with contextlib.suppress(InvalidNumber):
            found.append(parse_number(text.strip().removeprefix("phone:")))
    return found


def target_filter(text: str | None, infos: Iterable[ProviderInfo]) -> tuple[str | None, str | None]:
    """Return kind and value of ``KIND[:VALUE]``.

    Raises:
        click.UsageError: No provider that is asked knows the kind, or takes the value.
    """
    if text is None:
        return None, None
    asked = list(infos)
    kind, colon, value = text.strip().partition(":")
    kind = kind.lower()
    knowing = [info for info in asked if info.target_kind(kind) is not None]
    if not knowing:
        kinds = {known.key for info in asked for known in info.target_kinds}
        raise click.UsageError(f"--target: no kind {kind!r}; {nearest(kind, kinds)}")
    if not colon or not value.strip():
        return kind, None
    try:
        target = first_able(knowing, lambda info: read_target(info, f"{kind}:{value}"))
    except InvalidInput as error:
        raise click.UsageError(f"--target: {error}") from None
    return target.kind, target.value


def first_able(infos: Iterable[ProviderInfo], read: Callable[[ProviderInfo], T]) -> T:
    """Return what the first provider reads that is able to.

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
