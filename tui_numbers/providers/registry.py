"""Load providers by entry point, built-in and outside ones alike."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from tui_numbers.providers.contract import ENTRY_POINT_GROUP, Plugin, ProviderInfo


@dataclass(frozen=True, slots=True)
class Registry:
    """The providers that could be loaded, and for each other one why not."""

    plugins: dict[str, Plugin]
    failures: dict[str, str]

    @property
    def infos(self) -> dict[str, ProviderInfo]:
        """What each provider declares, by key."""
        return {key: plugin.info for key, plugin in self.plugins.items()}


def load_registry(found: Iterable[EntryPoint] | None = None) -> Registry:
    """Load every provider; one that fails is reported, and the others work."""
    plugins: dict[str, Plugin] = {}
    failures: dict[str, str] = {}
    every = _installed(tuple(sys.path)) if found is None else found
    for entry in sorted(every, key=_is_outside):
        if entry.name in plugins:
            # Its secrets are meant for the first one.
            failures[entry.value] = f"there is another provider {entry.name!r}"
            continue
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an outside package may do so
            failures[entry.name] = f"{type(error).__name__} while it was loaded"
            continue
        if not isinstance(plugin, Plugin):
            failures[entry.name] = f"{entry.value} is not a Plugin"
        elif plugin.info.key != entry.name:
            failures[entry.name] = f"it calls itself {plugin.info.key!r}"
        elif sum(field.secret for field in plugin.info.fields) != 1:
            failures[entry.name] = "it does not declare exactly one secret field"
        else:
            plugins[entry.name] = plugin
    return Registry(plugins, failures)


@cache
def _installed(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Read the entry points once: it opens a file of every package that is installed."""
    return tuple(entry_points(group=ENTRY_POINT_GROUP))


def _is_outside(entry: EntryPoint) -> bool:
    return not entry.value.startswith("tui_numbers.")
