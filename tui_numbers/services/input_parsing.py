"""Parse targets and settings that people type, by the provider's declaration."""

import contextlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.countries import country_name
from tui_numbers.domain.e164 import (
    E164,
    InvalidNumber,
    NumberReading,
    country_of,
    international,
    looks_like_number,
    parse_number,
    read_number,
)
from tui_numbers.domain.numbers import Target, TargetOption
from tui_numbers.domain.text import clean, is_storable, nearest
from tui_numbers.providers.contract import ProviderInfo, SettingSpec, TargetKind, ValueKind

_BLANKS = " \t\r\n"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SENDER_NAME = re.compile(r"[A-Za-z0-9 ]{1,11}", re.ASCII)
_SIP = re.compile(r"sips?:[^\s@]+(@[^\s@]+)?", re.ASCII)


class InvalidInput(ValueError):
    """Something typed cannot be used; ``field`` names where, the text says the fix."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def read_target(info: ProviderInfo, text: str, home: str | None = None) -> Target:
    """Read ``kind:value``, a plain phone number, a URL, or an identifier that tells its kind.

    ``home`` is the country (ISO 3166-1 alpha-2) of the number that is to point there.

    Raises:
        InvalidInput: It is none of these, or not of a kind that the provider knows.
    """
    typed = text.strip()
    kind_word, colon, value = typed.partition(":")
    kind = info.target_kind(kind_word.lower()) if colon else None
    if kind is None:
        kind, value = _implied_kind(info, typed)
    elif kind.value is ValueKind.SIP and not value.lower().startswith(("sip:", "sips:")):
        value = f"sip:{value}"
    if kind is None:
        settable = [known for known in info.target_kinds if info.can_be_set(known.key)]
        examples = ", ".join(map(_example_of, settable))
        problem = f"cannot point at {typed!r}; it takes targets such as {examples}"
        raise InvalidInput("to", f"{info.title} {problem}")
    read = _target_value(info, kind, value, home)
    notes = number_notes(value, home) if kind.value is ValueKind.PHONE else ()
    return Target(kind.key, read, notes=notes)


def people_targets(info: ProviderInfo, people: Mapping[str, E164]) -> list[Target]:
    """Return the people of the configuration as targets that a provider can be pointed at."""
    phones = [kind.key for kind in info.target_kinds if kind.value is ValueKind.PHONE]
    return [
        Target(kind, number, label=name)
        for kind in phones
        if info.can_be_set(kind)
        for name, number in people.items()
    ]


def person_target(info: ProviderInfo, people: Mapping[str, E164], text: str) -> Target | None:
    """Return the phone of the person of the configuration whom ``text`` names, or None.

    The name stands alone or behind the kind of phone targets; capitals do not matter.
    """
    wanted = text.strip().casefold()
    for target in people_targets(info, people):
        name = (target.label or "").casefold()
        if wanted in (name, f"{target.kind}:{name}"):
            return target
    return None


def listed_name(info: ProviderInfo, text: str) -> str:
    """Return the name in ``KIND:NAME``, where targets of that kind are listed; else nothing.

    What looks like an identifier of the kind is none.
    """
    kind_word, _, value = text.strip().partition(":")
    kind = info.target_kind(kind_word.lower())
    name = value.strip()
    if kind is None or not kind.listed or (kind.pattern and re.fullmatch(kind.pattern, name)):
        return ""
    return name


def target_called(
    info: ProviderInfo, options: Iterable[TargetOption], text: str, account: str
) -> Target | None:
    """Return the listed target that ``KIND:NAME`` names; None where NAME is an identifier.

    Raises:
        InvalidInput: Several targets have the name, or none has it and it is no identifier.
    """
    kind, name = text.strip().partition(":")[0].lower(), listed_name(info, text)
    known = [option.target for option in options if option.target.kind == kind]
    if any(target.value == name for target in known):
        return None
    found = [one for one in known if one.label and one.label.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        several = " or ".join(target.text for target in found)
        raise InvalidInput("to", f"{account} has {len(found)} called {name!r}: write {several}")
    with contextlib.suppress(InvalidInput):
        read_target(info, text)
        return None
    labels = [target.label for target in known if target.label]
    fix = nearest(name, labels) if labels else "see: tui-numbers targets"
    raise InvalidInput("to", f"{account} lists no {kind} called {name!r}; {fix}")


def _implied_kind(info: ProviderInfo, typed: str) -> tuple[TargetKind | None, str]:
    for kind in info.target_kinds:
        match kind.value:
            case ValueKind.URL if typed.lower().startswith(("https://", "http://")):
                return kind, typed
            case ValueKind.SIP if typed.lower().startswith(("sip:", "sips:")):
                return kind, typed
            case ValueKind.PHONE if looks_like_number(typed):
                return kind, typed
            case ValueKind.IDENTIFIER if kind.pattern and re.fullmatch(kind.pattern, typed):
                return kind, typed
            case _:
                continue
    return None, typed


def knows_kind(info: ProviderInfo, text: str) -> bool:
    """Tell whether a provider has targets of the kind that ``text`` names, or looks like."""
    if info.target_kind(text.partition(":")[0].strip().lower()) is not None:
        return True
    phones = any(kind.value is ValueKind.PHONE for kind in info.target_kinds)
    return phones and looks_like_number(text)


def _target_value(info: ProviderInfo, kind: TargetKind, value: str, home: str | None) -> str:
    name = f"{info.title} {kind.label}"
    return _checked("to", name, kind.value, value.strip(), kind.pattern, kind.example, home)


def _checked(
    field: str,
    name: str,
    kind: ValueKind,
    value: str,
    pattern: str | None = None,
    example: str = "",
    home: str | None = None,
) -> str:
    """Return ``value`` in its stored form."""
    if not value:
        fix = f": write it as {example}" if example else ""
        raise InvalidInput(field, f"{name} is empty{fix}")
    if kind is ValueKind.PHONE or (kind is ValueKind.SENDER and looks_like_number(value)):
        # Written as a target it means the same.
        return _phone(field, value.removeprefix("phone:"), home)
    if not is_storable(value) if kind is ValueKind.TEXT else clean(value) != value:
        raise InvalidInput(field, f"{name} holds characters that cannot be printed: type it anew")
    match kind:
        case ValueKind.WORDS:
            return _words(field, value)
        case ValueKind.SENDER if not _SENDER_NAME.fullmatch(value) or value.isdigit():
            return _phone(field, value, home)
        case ValueKind.URL if not _is_web_url(value):
            raise InvalidInput(field, f"{name} is a URL with https:// or http://, not {value!r}")
        case ValueKind.SIP if not _SIP.fullmatch(value):
            raise InvalidInput(field, f"{name} looks like sip:desk@pbx.example, not {value!r}")
        case ValueKind.EMAIL if not _EMAIL.fullmatch(value):
            raise InvalidInput(field, f"{name} is an e-mail address, not {value!r}")
        case _:
            pass
    if pattern is not None and not re.fullmatch(pattern, value):
        raise InvalidInput(field, f"{name} looks like {example}, not {value!r}")
    return value


def _words(field: str, value: str) -> str:
    words = dict.fromkeys(word for part in value.split(",") if (word := part.strip()))
    if not words:
        raise InvalidInput(field, f"{field} holds commas alone: write words between them")
    return ",".join(words)


def _phone(field: str, value: str, home: str | None) -> str:
    try:
        return parse_number(value, home)
    except InvalidNumber as error:
        raise InvalidInput(field, str(error)) from None


def number_notes(text: str, home: str | None = None) -> tuple[str, ...]:
    """Say how a phone number was read where its digits alone do not tell; empty for the rest."""
    if not looks_like_number(text):
        return ()
    try:
        return _notes_of(read_number(text, home))
    except InvalidNumber:
        return ()


def _notes_of(reading: NumberReading) -> tuple[str, ...]:
    if not reading.bare:
        return reading.notes
    country = country_name(country_of(reading.number))
    place = f", in {country}" if country else ""
    return (*reading.notes, f"written without +, read as {international(reading.number)}{place}")


def _is_web_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname) and " " not in value


def setting_of(info: ProviderInfo, key: str) -> SettingSpec:
    """Return the declaration of a setting.

    Raises:
        InvalidInput: The provider has no such setting.
    """
    spec = info.setting(key)
    if spec is None:
        known = nearest(key, (setting.key for setting in info.settings))
        raise InvalidInput(key, f"{info.title} has no setting {key!r}; {known}")
    return spec


def _check_settable(spec: SettingSpec) -> None:
    if not spec.settable:
        raise InvalidInput(spec.key, f"{spec.key} is not set from here: {spec.why_not_settable}")


def read_value(info: ProviderInfo, key: str, text: str, home: str | None = None) -> str:
    """Return the stored form of a setting's value as typed.

    Raises:
        InvalidInput: The provider has no such setting that can be set, or the value does not fit.
    """
    spec = setting_of(info, key)
    _check_settable(spec)
    # A no-break space at an end of a text is part of it.
    value = text.strip(_BLANKS) if spec.kind is ValueKind.TEXT else text.strip()
    if not value:
        fix = f"to remove it use --clear {key}" if spec.clearable else spec.why_not_clearable
        raise InvalidInput(key, f"{key} is empty, which keeps what is stored; {fix}")
    if len(value) > spec.longest:
        raise InvalidInput(key, f"{key} is longer than {spec.longest} characters: shorten it")
    if spec.kind is ValueKind.CHOICE:
        if value.lower() not in spec.choices:
            raise InvalidInput(key, f"{key} is one of {', '.join(spec.choices)}, not {value!r}")
        return value.lower()
    if spec.kind is ValueKind.TARGET:
        target = _setting_target(info, spec, value, home)
        return spec.text_of(target)
    return _checked(key, key, spec.kind, value, home=home)


def _setting_target(info: ProviderInfo, spec: SettingSpec, value: str, home: str | None) -> Target:
    """Read a target for one setting; what is wrong is told by what this setting takes."""
    named = value.partition(":")[0].strip().lower()
    try:
        target = read_target(info, value, home)
    except InvalidInput as error:
        if named in spec.target_kinds or looks_like_number(value):
            # Of the right kind: what is wrong with the value says most.
            raise InvalidInput(spec.key, str(error)) from None
    else:
        if target.kind in spec.target_kinds:
            return target
    examples = _examples_of(info, spec)
    raise InvalidInput(spec.key, f"{spec.key} takes targets such as {examples}, not {value!r}")


def _example_of(kind: TargetKind) -> str:
    """Return how a target of this kind is written; a SIP address names its kind itself."""
    named = kind.example.startswith(f"{kind.key}:")
    return kind.example if named else f"{kind.key}:{kind.example}"


def _examples_of(info: ProviderInfo, spec: SettingSpec) -> str:
    """Return how the targets that a setting takes are written; empty where it takes none."""
    kinds = [kind for kind in info.target_kinds if kind.key in spec.target_kinds]
    return " or ".join(kind.example if spec.bare else _example_of(kind) for kind in kinds)


def read_extras(info: ProviderInfo, assigned: Mapping[str, str]) -> dict[str, str]:
    """Return what a purchase is to name beside number and target, as ``--with KEY=VALUE`` has it.

    Raises:
        InvalidInput: The provider's purchases take no such thing, or a value does not fit.
    """
    known = {field.key: field for field in info.buy_fields}
    extras = {}
    for key, text in assigned.items():
        if key not in known:
            takes = nearest(key, known) if known else "they name nothing but the number"
            raise InvalidInput("with", f"purchases at {info.title} take no {key!r}; {takes}")
        field, value = known[key], text.strip()
        extras[key] = _checked(
            "with", key, ValueKind.IDENTIFIER, value, field.pattern, field.example
        )
    return extras


def change_notes(
    info: ProviderInfo, assigned: Mapping[str, str], home: str | None
) -> tuple[str, ...]:
    """Say how the phone numbers among typed settings were read, where that is to be known."""
    notes: list[str] = []
    for key, text in assigned.items():
        spec = info.setting(key)
        if spec is None:
            continue
        if spec.kind is ValueKind.TARGET:
            with contextlib.suppress(InvalidInput):
                notes.extend(read_target(info, text, home).notes)
        elif spec.kind in (ValueKind.PHONE, ValueKind.SENDER):
            notes.extend(number_notes(text, home))
    return tuple(dict.fromkeys(notes))


def read_change(
    info: ProviderInfo, assigned: dict[str, str], cleared: tuple[str, ...], home: str | None
) -> Change:
    """Return the change that ``KEY=VALUE`` and ``--clear KEY`` ask for.

    Raises:
        InvalidInput: A key is unknown or named twice, or a value does not fit.
    """
    edits: dict[str, Edit] = {}
    for key, text in assigned.items():
        edits[key] = Set(read_value(info, key, text, home))
    for key in cleared:
        _check_settable(setting_of(info, key))
        if key in edits:
            raise InvalidInput(key, f"{key} is both set and cleared: leave one of them out")
        edits[key] = CLEAR
    return Change(edits)
