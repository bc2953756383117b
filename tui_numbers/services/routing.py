"""Derive routing from settings, plan retargets, and label targets with their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui_numbers.domain.changes import CLEAR, Change, Edit, Set
from tui_numbers.domain.numbers import (
    NOT_KNOWN,
    Channel,
    Destination,
    Elsewhere,
    OwnedNumber,
    Routing,
    Settings,
    Target,
    Undisclosed,
)

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo, SettingSpec


@dataclass(frozen=True, slots=True)
class Retarget:
    """The edits that retarget one channel, with their warnings."""

    change: Change
    channel: Channel
    warnings: tuple[str, ...] = ()
    refusal: str | None = None


def channel_for(info: "ProviderInfo", target: Target, asked: Channel | None) -> Channel:
    """Return the channel that a retarget means: voice, unless asked or the kind says otherwise.

    Raises:
        InvalidInput: The kind of target does not serve the channel that was asked for.
    """
    kind = info.target_kind(target.kind)
    served = kind.channels if kind is not None else ()
    if asked is None:
        return Channel.VOICE if Channel.VOICE in served or not served else served[0]
    if asked not in served:
        fit = " or ".join(one.key for one in info.target_kinds if asked in one.channels)
        fix = f"point it at {fit}" if fit else "leave --channel out"
        problem = f"a {target.kind} at {info.title} does not serve {asked}: {fix}"
        from tui_numbers.services.input_parsing import InvalidInput

        raise InvalidInput("channel", problem)
    return asked


def effective(info: "ProviderInfo", settings: Settings, channel: Channel) -> Destination | None:
    """Return where ``settings`` deliver a channel: the first that has a value wins."""
    for key in info.precedence.get(channel, ()):
        value, spec = settings.get(key), info.setting(key)
        if value is not None and spec is not None:
            return value if isinstance(value, Undisclosed) else spec.target_in(value)
    return None


def carries(number: OwnedNumber, channel: Channel) -> bool:
    """Tell whether a number can carry a channel, as far as its provider tells."""
    return not number.capabilities or channel.value in number.capabilities


def routing_after(
    info: "ProviderInfo", number: OwnedNumber, settings: Settings, named: Target | None = None
) -> dict[Channel, Destination | None]:
    """Return the routing that ``number`` will have with ``settings``.

    Channels that the settings do not touch keep what the provider's record shows; ``named`` is
    a target whose label is known.
    """
    routing: dict[Channel, Destination | None] = {}
    for channel in Channel:
        shown = number.routing.get(channel)
        was = effective(info, number.settings, channel)
        will = effective(info, settings, channel)
        if will == was or not carries(number, channel):
            routing[channel] = shown
        else:
            known = [target for target in (named, *number.routing.values()) if target == will]
            routing[channel] = known[0] if known else will
    return routing


def number_after(
    info: "ProviderInfo", number: OwnedNumber, change: Change, named: Target | None = None
) -> OwnedNumber:
    """Return ``number`` as it should read once ``change`` is made."""
    settings = {
        key: value
        for key, value in change.applied_to(number.settings).items()
        if (spec := info.setting(key)) is not None and spec.readable
    }
    return replace(
        number,
        settings=settings,
        routing=routing_after(info, number, settings, named),
    )


def retarget(
    info: "ProviderInfo", number: OwnedNumber, channel: Channel, target: Target
) -> Retarget:
    """Work out the edits that make ``channel`` be delivered to ``target``, and no more.

    Settings that would win over the new one are cleared. What else moves is warned of where the
    target itself serves several channels, and refused where only clearing would move it.
    """
    if not carries(number, channel):
        carried = " and ".join(map(_carried_words, number.capabilities))
        return Retarget(
            Change({}), channel, refusal=f"the number carries {carried}, and no {channel.words}"
        )
    order = info.precedence.get(channel, ())
    setting = next(
        (
            spec
            for key in order
            if (spec := info.setting(key)) is not None and target.kind in spec.target_kinds
        ),
        None,
    )
    if setting is None:
        from tui_numbers.services.input_parsing import InvalidInput

        raise InvalidInput("to", f"{info.title} cannot deliver {channel.words} to a {target.kind}")
    if not setting.settable:
        return Retarget(Change({}), channel, refusal=_not_settable(setting))
    edits: dict[str, Edit] = {}
    warnings: list[str] = []
    for key in order[: order.index(setting.key)]:
        stored = number.settings.get(key)
        spec = info.setting(key)
        if stored is None or spec is None:
            continue
        if spec.settable:
            edits[key] = CLEAR
        elif stored == NOT_KNOWN:
            warnings.append(
                f"whether {spec.label} decides where {channel.goes} could not be read: where one "
                "does, this changes nothing"
            )
        else:
            return Retarget(Change({}), channel, refusal=_decides(number, spec, channel))
    edits[setting.key] = Set(setting.text_of(target))
    moved = _moved_by_clearing(info, number, edits, channel)
    if moved:
        return Retarget(Change({}), channel, refusal=moved)
    warnings.extend(_also_moved(info, number, edits, channel))
    return Retarget(Change(edits), channel, tuple(warnings))


def _carried_words(capability: str) -> str:
    return next((one.words for one in Channel if one == capability), capability.upper())


def _not_settable(spec: "SettingSpec") -> str:
    return f"{spec.key} is not set from here: {spec.why_not_settable}"


def _decides(number: OwnedNumber, spec: "SettingSpec", channel: Channel) -> str:
    """Say which setting, that cannot be changed from here, decides a channel."""
    told = number.elsewhere.get(channel)
    if told is not None:
        return told
    target = number.routing.get(channel)
    name = (target.label or target.text) if target is not None else number.settings.get(spec.key)
    return f"{spec.label} decides where {channel.goes}: {name}; {spec.why_not_settable}"


def decided_elsewhere(info: "ProviderInfo", elsewhere: Elsewhere, change: Change) -> str | None:
    """Say why a change of a delivery would change nothing, where that is decided elsewhere."""
    for key in change.edits:
        spec = info.setting(key)
        for channel in spec.channels if spec is not None else ():
            if channel in elsewhere:
                return elsewhere[channel]
    return None


def delivers(info: "ProviderInfo", change: Change) -> bool:
    """Tell whether a change touches where a channel is delivered."""
    return any((spec := info.setting(key)) is not None and spec.channels for key in change.edits)


def _moved_by_clearing(
    info: "ProviderInfo", number: OwnedNumber, edits: Mapping[str, Edit], channel: Channel
) -> str | None:
    cleared = Change({key: edit for key, edit in edits.items() if edit == CLEAR})
    settings = cleared.applied_to(number.settings)
    for other in Channel:
        if other is channel or not carries(number, other):
            continue
        was = effective(info, number.settings, other)
        if was is not None and effective(info, settings, other) != was:
            keys = " and ".join(cleared.edits)
            return (
                f"the setting {keys} decides where {channel.goes}, and where {other.goes} "
                f"({was.text}): removing it would move {other.words} too; change {keys} itself if "
                "that is meant"
            )
    return None


def _also_moved(
    info: "ProviderInfo", number: OwnedNumber, edits: Mapping[str, Edit], channel: Channel
) -> tuple[str, ...]:
    after = number_after(info, number, Change(edits))
    lines = []
    for other in Channel:
        if other is channel:
            continue
        was, will = number.routing.get(other), after.routing.get(other)
        if was != will:
            lines.append(f"this moves {other.words} too: the same target serves both")
    return tuple(lines)


_Key = tuple[tuple[Channel, Destination | None, str | None], ...]


_MOST_SEEN = 10_000


class Labels:
    """Names of targets, put to numbers; numbers that point alike share their routing."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._names = {
            (target.kind, target.value): target.label for target in targets if target.label
        }
        self._routings: dict[_Key, Routing | None] = {}
        """By what is told; None where no name is missing."""
        self._seen: dict[int, tuple[Routing, Routing | None]] = {}
        """The same by identity, with what has it."""

    def of(self, target: Target) -> Target:
        """Return ``target`` with its name, where it is known."""
        name = None if target.label else self._names.get((target.kind, target.value))
        return replace(target, label=name) if name else target

    def on(self, number: OwnedNumber) -> OwnedNumber:
        """Return ``number`` with the names of its targets, where they are known."""
        seen = self._seen.get(id(number.routing))
        named = seen[1] if seen is not None else self._named_routing(number.routing)
        return number if named is None else replace(number, routing=named)

    def _named_routing(self, routing: Routing) -> Routing | None:
        # Targets are equal whatever their labels.
        key = tuple(
            (channel, target, target.label if target else None)
            for channel, target in routing.items()
        )
        if key not in self._routings:
            missing = any(map(self._is_missing, routing.values()))
            named = {channel: self._named(target) for channel, target, _ in key}
            self._routings[key] = named if missing else None
        if len(self._seen) < _MOST_SEEN:
            self._seen[id(routing)] = routing, self._routings[key]
        return self._routings[key]

    def _is_missing(self, target: Destination | None) -> bool:
        return self._named(target) is not target

    def _named(self, target: Destination | None) -> Destination | None:
        return self.of(target) if isinstance(target, Target) else target


def labels_of(numbers: Iterable[OwnedNumber]) -> Labels:
    """Return the names that the targets of ``numbers`` have."""
    return Labels(
        target
        for number in numbers
        for target in number.routing.values()
        if isinstance(target, Target)
    )


Names = Mapping[str, Labels]
"""Names of targets by account."""


def with_names(number: OwnedNumber, names: Names) -> OwnedNumber:
    """Return ``number`` with the names of its targets, where they are known."""
    labels = names.get(number.account)
    return labels.on(number) if labels is not None else number
