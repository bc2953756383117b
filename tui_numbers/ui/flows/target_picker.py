"""Pick the target of numbers: those listed, used lately, or typed."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tui_numbers.domain.e164 import looks_like_number
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target, TargetOption
from tui_numbers.providers.contract import ProviderInfo, SettingSpec
from tui_numbers.providers.errors import ProviderError, SecretMissing
from tui_numbers.services import inventory, routing
from tui_numbers.services.input_parsing import InvalidInput, people_targets, read_target
from tui_numbers.services.routing import carries, channel_for, number_after
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.host import Host
from tui_numbers.wording.values import target_words

_MOST_RECENT = 5
_LEAST_OF_IDENTIFIER = 4
"""Characters that must match of an identifier, which holds any one or two of them somewhere."""


def problem_words(error: Exception) -> str:
    """Return what went wrong and what helps here, where commands are told another remedy."""
    if isinstance(error, SecretMissing):
        return f"no secret for {error.account}: A, then s, takes it"
    return str(error)


@dataclass
class RecentTargets:
    """Targets used in this session, the latest first, by provider."""

    _used: dict[str, list[Target]] = field(default_factory=dict)

    def use(self, provider: str, target: Target) -> None:
        """Remember a target."""
        known = [one for one in self._used.get(provider, []) if one != target]
        self._used[provider] = [replace(target, notes=()), *known][:_MOST_RECENT]

    def of(self, provider: str) -> Sequence[Target]:
        """Return what was used at a provider."""
        return self._used.get(provider, [])


async def pick_target(
    host: Host, numbers: Sequence[OwnedNumber], title: str, first: Sequence[Choice] = ()
) -> Target | None:
    """Let the person pick where numbers of one provider shall point."""
    info = host.session.workspace.info(numbers[0].account)
    options = listed_by_all(host, numbers)
    people = people_targets(info, host.session.workspace.config.people)

    def search(text: str) -> list[Choice]:
        recent = host.recent_targets.of(info.key)
        known = [*((one, "used lately") for one in recent), *((one, "people") for one in people)]
        found = target_choices(info, numbers, options, known, text)
        return [*(() if text else first), *found]

    kinds = ", ".join(f"{kind.key}:…" for kind in info.target_kinds if info.can_be_set(kind.key))
    note = "" if options else f"asking {numbers[0].account} what it can point at"
    picker = PickerScreen(title, search, hint=f"part of a name, or {kinds}", note=note)
    loading = asyncio.create_task(_load_targets(host, picker, numbers, options))
    try:
        picked: Target | None = await host.push_screen_wait(picker)
    finally:
        loading.cancel()
    return picked


def listed_by_all(host: Host, numbers: Sequence[OwnedNumber]) -> list[TargetOption]:
    """Return the targets, as far as listed, that every account of some numbers has."""
    accounts = dict.fromkeys(number.account for number in numbers)
    return _shared([host.known_targets(account) for account in accounts])


def _shared(lists: Sequence[Sequence[TargetOption]]) -> list[TargetOption]:
    others = [{option.target for option in options} for options in lists[1:]]
    return [one for one in lists[0] if all(one.target in options for options in others)]


def target_choices(
    info: ProviderInfo,
    numbers: Sequence[OwnedNumber],
    options: Sequence[TargetOption],
    known: Sequence[tuple[Target, str]],
    text: str,
) -> list[Choice]:
    """Return what ``text`` may mean as a target of ``numbers``, best first.

    ``known`` are further targets, such as people, each with where it is known from.
    """
    home = numbers[0].country if len({number.country for number in numbers}) == 1 else None
    wanted = text.strip().casefold().split()
    choices: list[Choice] = []
    present: list[Choice] = []
    dim: list[Choice] = []
    taken: set[tuple[str, str]] = set()
    listed = {one.target: one for one in options}

    def offer(target: Target, note: str) -> None:
        label, value = target_words(target).casefold(), target.value.casefold()
        key = (target.kind, target.value)
        if key in taken or not all(
            word in label or (len(word) >= _LEAST_OF_IDENTIFIER and word in value)
            for word in wanted
        ):
            return
        taken.add(key)
        lost = unserved(info, numbers, target, listed)
        if lost:
            dim.append(Choice(target, target_words(target), lost, enabled=False))
        elif all(number.routing.get(Channel.VOICE) == target for number in numbers):
            present.append(Choice(target, target_words(target), "now"))
        else:
            choices.append(Choice(target, target_words(target), note))

    for target, whence in known:
        option = listed.get(target)
        if option is None or _is_served(info, option):
            offer(option.target if option else target, whence)
    for option in options:
        if _is_served(info, option):
            offer(option.target, " ".join(option.channels))
    # A word that begins so is sooner meant than one that holds it.
    choices.sort(key=lambda choice: not _begins_words(choice.label, wanted))
    choices.extend(present)
    typed = _typed(info, text, home, listed)
    if typed is not None and not typed.enabled:
        # Why it cannot be taken matters where it was meant as it stands, or nothing else fits.
        if not choices or ":" in text or ("+" in text and looks_like_number(text)):
            choices.append(typed)
    elif typed is not None and (typed.value.kind, typed.value.value) not in taken:
        # What is complete as it stands is meant, before anything that it is a part of.
        choices.insert(0, typed)
    return [*choices, *dim]


def _begins_words(label: str, wanted: Sequence[str]) -> bool:
    """Tell whether each of the texts begins a word of a label."""
    words = label.casefold().split()
    return all(any(word.startswith(text) for word in words) for text in wanted)


def fits(option: TargetOption, spec: SettingSpec, number: OwnedNumber) -> bool:
    """Tell whether a target can serve something that the setting delivers of this number."""
    return any(channel in option.channels and carries(number, channel) for channel in spec.channels)


def unserved(
    info: ProviderInfo,
    numbers: Sequence[OwnedNumber],
    target: Target,
    listed: Mapping[Target, TargetOption],
) -> str:
    """Say what else arrives now and would be lost at a target; empty for nothing.

    One setting may deliver several channels, and a preview refuses to move a channel that arrives
    to a target that does not take it.
    """
    option = listed.get(target)
    if option is None:
        return ""
    asked = channel_for(info, target, None)
    for number in {tuple(one.settings.items()): one for one in numbers}.values():
        with contextlib.suppress(InvalidInput):
            after = number_after(info, number, routing.retarget(info, number, asked, target).change)
            for channel, was in number.routing.items():
                moves = channel is not asked and after.routing.get(channel) == target != was
                present = listed.get(was) if isinstance(was, Target) else None
                arrives = was is not None and (present is None or channel in present.channels)
                word = channel.words
                if moves and arrives and channel not in option.channels:
                    return f"takes no {word}; {word} would move too"
    return ""


def _is_served(info: ProviderInfo, option: TargetOption) -> bool:
    """Tell whether a target takes what a retarget to it sends there."""
    return (
        info.can_be_set(option.target.kind)
        and channel_for(info, option.target, None) in option.channels
    )


def _typed(
    info: ProviderInfo, text: str, home: str | None, listed: Mapping[Target, TargetOption]
) -> Choice | None:
    if not text.strip():
        return None
    try:
        target = read_target(info, text, home)
    except InvalidInput as error:
        problem = str(error)
        if ":" not in text and not any(one.isdigit() for one in text):
            # It was meant as a name, of which identifiers would say nothing.
            kinds = " ".join(
                f"{one.key}:…" for one in info.target_kinds if info.can_be_set(one.key)
            )
            problem = f"nothing that can be picked is called {text.strip()!r}; {kinds} may be typed"
        return Choice(None, problem, "", enabled=False)
    if not info.can_be_set(target.kind):
        return Choice(None, f"a {target.kind} is shown, and not set from here", "", enabled=False)
    option = listed.get(target)
    if option is not None and not _is_served(info, option):
        taken = " and ".join(one.words for one in option.channels) or "nothing"
        problem = f"{target_words(option.target)} takes {taken} alone"
        return Choice(None, problem, "", enabled=False)
    return Choice(target, target_words(target), "; ".join(target.notes) or "as typed")


async def _load_targets(
    host: Host, picker: PickerScreen, numbers: Sequence[OwnedNumber], options: list[TargetOption]
) -> None:
    """Ask for the targets of these very numbers, and show them when they come."""
    workspace = host.session.workspace
    first = {number.account: number for number in reversed(numbers)}
    problems: list[str] = []

    async def listed(name: str, number: OwnedNumber) -> Sequence[TargetOption]:
        try:
            return await inventory.list_targets(workspace, workspace.account(name), number)
        except ProviderError as error:
            problems.append(f"targets cannot be listed: {problem_words(error)}")
            host.log_line(f"{name}: targets cannot be listed: {error}")
            return host.known_targets(name)

    options[:] = _shared(await asyncio.gather(*(listed(*entry) for entry in first.items())))
    if picker.stands:
        picker.show_choices("; ".join(problems))
