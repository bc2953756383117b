"""Pick the target of numbers: those listed, used lately, or typed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tui_numbers.domain.e164 import looks_like_number
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target, TargetOption
from tui_numbers.providers.contract import ProviderInfo, SettingSpec
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services import inventory
from tui_numbers.services.input_parsing import InvalidInput, read_target
from tui_numbers.services.routing import carries, channel_for
from tui_numbers.ui.dialogs.picker import Choice, PickerScreen
from tui_numbers.ui.host import Host
from tui_numbers.wording.values import target_words

_MOST_RECENT = 5


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
    account = numbers[0].account
    info = host.session.workspace.info(account)
    options = list(host.known_targets(account))

    def search(text: str) -> list[Choice]:
        recent = host.recent_targets.of(info.key)
        found = target_choices(info, numbers, options, recent, text)
        return [*(() if text else first), *found]

    kinds = ", ".join(f"{kind.key}:…" for kind in info.target_kinds if info.can_be_set(kind.key))
    picker = PickerScreen(title, search, hint=f"part of a name, or {kinds}")
    loading = asyncio.create_task(_load_targets(host, picker, numbers[0], options))
    try:
        picked: Target | None = await host.push_screen_wait(picker)
    finally:
        loading.cancel()
    return picked


def target_choices(
    info: ProviderInfo,
    numbers: Sequence[OwnedNumber],
    options: Sequence[TargetOption],
    recent: Sequence[Target],
    text: str,
) -> list[Choice]:
    """Return what ``text`` may mean as a target of ``numbers``, best first."""
    home = numbers[0].country if len({number.country for number in numbers}) == 1 else None
    wanted = text.strip().casefold().split()
    choices: list[Choice] = []
    present: list[Choice] = []
    taken: set[tuple[str, str]] = set()

    def offer(target: Target, note: str) -> None:
        words = f"{target_words(target)} {target.value}".casefold()
        key = (target.kind, target.value)
        if key not in taken and all(word in words for word in wanted):
            taken.add(key)
            if all(number.routing.get(Channel.VOICE) == target for number in numbers):
                present.append(Choice(target, target_words(target), "now"))
            else:
                choices.append(Choice(target, target_words(target), note))

    listed = {one.target: one for one in options}
    for target in recent:
        option = listed.get(target)
        if option is None or _is_served(info, option):
            offer(option.target if option else target, "used lately")
    for option in options:
        if _is_served(info, option):
            offer(option.target, " ".join(option.channels))
    if wanted:
        # An identifier holds most letters somewhere; a word that begins so is sooner meant.
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
    return choices


def _begins_words(label: str, wanted: Sequence[str]) -> bool:
    """Tell whether each of the texts begins a word of a label."""
    words = label.casefold().split()
    return all(any(word.startswith(text) for word in words) for text in wanted)


def fits(option: TargetOption, spec: SettingSpec, number: OwnedNumber) -> bool:
    """Tell whether a target can serve something that the setting delivers of this number."""
    return any(channel in option.channels and carries(number, channel) for channel in spec.channels)


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
        return Choice(None, str(error), "", enabled=False)
    if not info.can_be_set(target.kind):
        return Choice(None, f"a {target.kind} is shown, and not set from here", "", enabled=False)
    option = listed.get(target)
    if option is not None and not _is_served(info, option):
        taken = " and ".join(option.channels) or "nothing"
        problem = f"{target_words(option.target)} takes {taken} alone"
        return Choice(None, problem, "", enabled=False)
    return Choice(target, target_words(target), "; ".join(target.notes) or "as typed")


async def _load_targets(
    host: Host, picker: PickerScreen, number: OwnedNumber, options: list[TargetOption]
) -> None:
    """Ask for the targets of this very number, and show them when they come."""
    workspace = host.session.workspace
    account = workspace.account(number.account)
    note = ""
    try:
        options[:] = await inventory.list_targets(workspace, account, number)
    except ProviderError as error:
        note = f"targets cannot be listed: {error}"
        host.log_line(f"{account.name}: {note}")
    if picker.stands:
        picker.show_choices(note)
