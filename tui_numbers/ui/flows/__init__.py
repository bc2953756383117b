"""Flows by action id: what runs from a key to a verdict, a screen at a time."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from tui_numbers.ui.flows.buy_and_release import buy, release
from tui_numbers.ui.flows.export import copy_all, export
from tui_numbers.ui.flows.from_history import resume, settle, undo, undo_batch
from tui_numbers.ui.flows.on_call import apply, hand_over, keep, rehearse, revert
from tui_numbers.ui.flows.retarget_and_edit import edit, retarget
from tui_numbers.ui.host import Host
from tui_numbers.ui.selection import Selection

Flow = Callable[[Host, Selection], Coroutine[Any, Any, None]]

FLOWS: Final[Mapping[str, Flow]] = {
    "number.retarget": retarget,
    "number.edit": edit,
    "number.undo": undo,
    "number.keep": keep,
    "app.handover": hand_over,
    "route.apply": apply,
    "route.rehearse": rehearse,
    "route.revert": revert,
    "stock.buy": buy,
    "number.release": release,
    "history.settle": settle,
    "history.resume": resume,
    "history.undo_batch": undo_batch,
    "view.export": export,
    "view.copy": copy_all,
}
"""By the ids of their actions."""

__all__ = ["FLOWS", "Flow"]
