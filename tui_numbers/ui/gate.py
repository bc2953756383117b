"""Keys typed ahead, while a flow has been begun and its next dialog is not there yet."""

from collections import deque
from collections.abc import Callable, Sequence

from textual import events
from textual.screen import Screen

from tui_numbers.ui.dialogs.base import Dialog

_MOST_KEPT = 64


class KeyGate:
    """Keeps such keys from what lies beneath, and hands them to the dialog they were meant for.

    A confirmation never gets any: what sends must have been seen. Escape gives the flow up.
    """

    def __init__(
        self, replay: Callable[[Sequence[events.Key]], None], give_up: Callable[[], None]
    ) -> None:
        self._replay = replay
        self._give_up = give_up
        self._kept: deque[events.Key] = deque(maxlen=_MOST_KEPT)
        self._flows = 0

    def flow_began(self) -> None:
        """A flow is on its way to a dialog."""
        self._flows += 1

    def flow_ended(self) -> None:
        """A flow is over, with or without a dialog."""
        self._flows -= 1
        if not self._flows:
            self._release()

    def holds(self, event: events.Key, screen: Screen[object]) -> bool:
        """Keep a key if a dialog is on its way; tell whether it was."""
        if isinstance(screen, Dialog):
            held = not screen.shown
        else:
            held = self._flows > 0
            if held and event.key == "escape":
                self._kept.clear()
                self._give_up()
                return True
        if held:
            self._kept.append(event)
        return held

    def dialog_shown(self, dialog: Dialog[object]) -> None:
        """Hand over what was typed ahead, or drop it."""
        if not dialog.takes_typed_ahead:
            later = [key for key in self._kept if key.time >= dialog.made_at]
            self._kept.clear()
            self._kept.extend(later)
        self._release()

    def _release(self) -> None:
        kept = tuple(self._kept)
        self._kept.clear()
        self._replay(kept)
