"""An app whose keys take turns, and reach only what a person could see when pressing them."""

from collections.abc import Coroutine
from typing import Any

from textual import events, on
from textual.app import App

from tui_numbers.ui.dialogs.base import DialogShown
from tui_numbers.ui.frame.room import too_small
from tui_numbers.ui.gate import KeyGate
from tui_numbers.ui.turns import Turns


class KeyedApp(App[None]):
    """Hands keys out one after another, and keeps those typed ahead for the dialog they mean."""

    def __init__(self, *, driver_class: Any = None, ansi_color: bool | None = None) -> None:
        super().__init__(driver_class=driver_class, ansi_color=ansi_color)
        self._turns = Turns(self, self._take_key)
        self.gate = KeyGate(self._turns.put_first, self._give_up)

    def begin(self, flow: Coroutine[Any, Any, None]) -> None:
        """Run a flow of screens."""
        self.gate.flow_began()
        self.run_worker(self._flow(flow), group="flow", exclusive=False, exit_on_error=True)

    async def _flow(self, flow: Coroutine[Any, Any, None]) -> None:
        try:
            await flow
        finally:
            self.gate.flow_ended()

    def _give_up(self) -> None:
        """End the flow that Escape was pressed in, before its next dialog came."""
        self.workers.cancel_group(self, "flow")
        self.say("given up: nothing was sent")

    def say(self, text: str) -> None:
        """Show one line until the next key."""
        raise NotImplementedError

    @on(DialogShown)
    def _dialog_shown(self, message: DialogShown) -> None:
        message.dialog.shown = True
        if not message.dialog.takes_typed_ahead:
            self._turns.forget(message.dialog.made_at)
        self.gate.dialog_shown(message.dialog)

    async def on_event(self, event: events.Event) -> None:
        """Take no key where nobody could see what it does."""
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            if too_small(self.size):
                return
            if isinstance(event, events.Key):
                await self._turns.arrive(event)
                return
        if isinstance(event, events.Key) and not self._turns.concerns(self.screen):
            # Another screen came up while it was on its way, which it must not answer.
            return
        await super().on_event(event)

    async def _take_key(self, event: events.Key) -> None:
        if not self.gate.holds(event, self.screen):
            await super().on_event(event)
