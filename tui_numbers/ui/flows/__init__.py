"""Retarget, edit, buy, release, undo: from a key to a verdict, a screen at a time."""

from tui_numbers.ui.flows.recorded import Recorded
from tui_numbers.ui.flows.trading import Trading


class Flows(Recorded, Trading):
    """What the keys begin; each runs in a worker of its own."""


__all__ = ["Flows"]
