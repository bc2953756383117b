"""List the flows by action id: what runs from a key to a verdict, a screen at a time."""

from collections.abc import Callable, Coroutine, Mapping
from importlib import import_module
from typing import Any, Final

from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection

Flow = Callable[[Host, Selection], Coroutine[Any, Any, None]]

FLOWS: Final[Mapping[str, str]] = {
    "number.retarget": "retarget_and_edit.retarget",
    "number.edit": "retarget_and_edit.edit",
    "number.undo": "from_history.undo",
    "number.keep": "on_call.keep",
    "app.handover": "on_call.hand_over",
    "route.apply": "on_call.apply",
    "route.rehearse": "on_call.rehearse",
    "route.revert": "on_call.revert",
    "stock.buy": "buy_and_release.buy",
    "number.release": "buy_and_release.release",
    "history.settle": "from_history.settle",
    "history.resume": "from_history.resume",
    "history.undo_batch": "from_history.undo_batch",
    "view.export": "export.export",
    "view.copy": "export.copy_all",
}
"""The module in this folder and the function, by the ids of their actions."""


def flow_of(action: str) -> Flow:
    """Import the flow of an action; the first frame shows nothing of any."""
    module, _, name = FLOWS[action].partition(".")
    flow: Flow = getattr(import_module(f"{__name__}.{module}"), name)
    return flow
