# mypy: implicit-reexport
# ruff: noqa: F401
"""Import the modules that commands work with when they are first used.

The help and the completion of a command import its module, and are not to wait for services,
asyncio or a network library, which take several times as long to load as the rest. A command
imports such modules from here, as in ``from tui_numbers.cli.deferred import planning``, and gets
stand-ins that import on their first attribute. What is quick to load it imports from its place.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    import tomllib

    from tui_numbers.cli import listing, lookup, output, reference, runtime, write_dialogue, writes
    from tui_numbers.domain import filtering, operations, temporary
    from tui_numbers.providers import contract, registry
    from tui_numbers.sandbox import accounts as sandbox_accounts
    from tui_numbers.sandbox import app as sandbox_app
    from tui_numbers.sandbox import faults, server
    from tui_numbers.services import (
        accounts,
        batch,
        call_path,
        config,
        config_keys,
        doctor,
        handover,
        input_parsing,
        inventory,
        kernel_keyring,
        keyring,
        locations,
        paths,
        planning,
        preview,
        protection,
        routes,
        secrets,
        session,
        session_factory,
        settling,
        stock,
        undo,
    )
    from tui_numbers.services import due as due_service
    from tui_numbers.services import writes as write_service
    from tui_numbers.storage import journal, sqlite_journal
    from tui_numbers.wording import search_text

_NAMES = {
    "tui_numbers.cli": "listing lookup output reference runtime write_dialogue writes",
    "tui_numbers.domain": "filtering operations temporary",
    "tui_numbers.providers": "contract registry",
    "tui_numbers.sandbox": "faults server",
    "tui_numbers.services": (
        "accounts batch call_path config config_keys doctor handover input_parsing inventory "
        "kernel_keyring keyring locations paths planning preview protection routes secrets "
        "session session_factory settling stock undo"
    ),
    "tui_numbers.storage": "journal sqlite_journal",
    "tui_numbers.wording": "search_text",
}
MODULES = {
    name: f"{package}.{name}" for package, names in _NAMES.items() for name in names.split()
} | {
    "asyncio": "asyncio",
    "tomllib": "tomllib",
    "due_service": "tui_numbers.services.due",
    "sandbox_accounts": "tui_numbers.sandbox.accounts",
    "sandbox_app": "tui_numbers.sandbox.app",
    "write_service": "tui_numbers.services.writes",
}
"""The module for which each name stands."""


class Deferred(ModuleType):
    """Stand in for a module until one of its attributes is asked for."""

    def __getattr__(self, name: str) -> Any:
        """Import the module, which Python does once for all threads, and return its attribute."""
        return getattr(import_module(self.__name__), name)


def __getattr__(name: str) -> Any:
    """Return the stand-in of a module."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return Deferred(MODULES[name])
