"""Take keys one at a time, and buffer those typed ahead of a dialog that is opening."""

from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from textual import events, on
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

from tui_numbers.ui.frame import too_small
from tui_numbers.ui.textual_private import parent_of

_MOST_KEPT = 64


class AwaitsKeys:
    """Mixed into dialogs: what decides which keys are meant for them."""

    takes_typed_ahead = True
    """Whether keys that were pressed before it could be seen are meant for it."""
    shown = False
    """Whether it was drawn, so that a key can be an answer to it."""
    made_at: float
    """When it was made, by the clock of events: what was pressed before is typed ahead."""


class DialogShown(Message):
    """A dialog can be seen and takes keys."""

    def __init__(self, dialog: AwaitsKeys) -> None:
        super().__init__()
        self.dialog = dialog


class TypeAheadBuffer:
    """Buffers the keys typed ahead of a dialog that a flow is opening, and replays them to it.

    A confirmation never gets any: what sends must have been seen. Escape cancels the flow.
    """

    def __init__(
        self, replay: Callable[[Sequence[events.Key]], None], give_up: Callable[[], None]
    ) -> None:
        self._replay = replay
        self._give_up = give_up
        self._kept: deque[events.Key] = deque(maxlen=_MOST_KEPT)
        self._flows = 0

    def flow_began(self) -> None:
        """Buffer keys from now on: a flow is about to open a dialog."""
        self._flows += 1

    def flow_ended(self) -> None:
        """Replay the keys of a flow that ended without a dialog."""
        self._flows -= 1
        if not self._flows:
            self._release()

    def holds(self, event: events.Key, screen: Screen[object]) -> bool:
        """Buffer a key if a dialog is opening; tell whether it was."""
        if isinstance(screen, AwaitsKeys):
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

    def dialog_shown(self, dialog: AwaitsKeys) -> None:
        """Replay what was typed ahead to a dialog that is drawn, or drop it."""
        if not dialog.takes_typed_ahead:
            later = [key for key in self._kept if key.time >= dialog.made_at]
            self._kept.clear()
            self._kept.extend(later)
        self._release()

    def _release(self) -> None:
        kept = tuple(self._kept)
        self._kept.clear()
        self._replay(kept)


_ROUNDS = 2
"""One behind the key, one behind the message that its binding has sent."""


_LONGEST_TURN = 0.5
"""Seconds after which a key that was lost on its way no longer holds the others up."""


class KeyQueue:
    """Dispatches keys one at a time: the next when whatever the last one did has been done.

    Textual hands a key to what has the focus and looks for its binding when it has come back, and
    keys that arrive together are handed out together: what opens a filter or a dialog would come
    too late for the keys behind it.
    """

    def __init__(self, app: App[Any], take: Callable[[events.Key], Awaitable[None]]) -> None:
        self._app = app
        self._take = take
        self._waiting: deque[events.Key] = deque()
        self._turn = 0
        self._taken = False
        self._screen: object = None
        self._first: MessagePump | None = None

    @property
    def under_way(self) -> bool:
        """Whether a key has its turn, or waits for it."""
        return self._taken or bool(self._waiting)

    async def arrive(self, event: events.Key) -> None:
        """Dispatch a key now, or queue it behind the one under way."""
        if self._taken or self._waiting:
            self._hurry()
            self._waiting.append(event)
        else:
            await self._begin(event)

    def put_first(self, keys: Sequence[events.Key]) -> None:
        """Queue keys that were buffered before all that came after them."""
        if not keys:
            return
        self._hurry()
        self._waiting.extendleft(reversed(keys))
        if not self._taken:
            self._app.call_later(self._next)

    def _hurry(self) -> None:
        """Let the turn end in time, now that another key begins to wait for it."""
        if self._taken and not self._waiting:
            self._app.set_timer(_LONGEST_TURN, lambda turn=self._turn: self._over(turn))

    def forget(self, before: float) -> None:
        """Drop waiting keys that are older than what they would answer."""
        later = [key for key in self._waiting if key.time >= before]
        self._waiting.clear()
        self._waiting.extend(later)

    async def _begin(self, event: events.Key) -> None:
        self._taken = True
        self._turn += 1
        self._screen = screen = self._app.screen
        self._first = screen.focused or screen
        await self._take(event)
        self._follow(self._first, self._turn, _ROUNDS)

    def concerns(self, screen: object) -> bool:
        """Tell whether the key whose turn it is was pressed for this screen."""
        return not self._taken or self._screen is screen

    def _follow(self, node: MessagePump | None, turn: int, rounds: int) -> None:
        """Go behind the key, from what had the focus up to the app; then behind what it began."""
        if node is None or node is self._app or not node.call_later(self._hop, node, turn, rounds):
            if rounds > 1:
                self._app.call_later(self._follow, self._first, turn, rounds - 1)
            else:
                self._app.call_later(self._over, turn)

    def _hop(self, node: MessagePump, turn: int, rounds: int) -> None:
        # The way that the key itself takes.
        self._follow(parent_of(node), turn, rounds)

    async def _over(self, turn: int) -> None:
        if turn != self._turn or not self._taken:
            return
        self._taken = False
        await self._next()

    async def _next(self) -> None:
        if self._waiting and not self._taken:
            await self._begin(self._waiting.popleft())


class FlowGivenUp(Message):
    """Escape ended a flow before its next dialog was drawn."""


class KeyedApp(App[None]):
    """An app that dispatches keys one after another, and replays type-ahead to its dialogs."""

    def __init__(self, *, driver_class: Any = None, ansi_color: bool | None = None) -> None:
        super().__init__(driver_class=driver_class, ansi_color=ansi_color)
        self.key_queue = KeyQueue(self, self._take_key)
        self.type_ahead = TypeAheadBuffer(self.key_queue.put_first, self._give_up)

    def begin(self, flow: Coroutine[Any, Any, None]) -> None:
        """Run a flow of screens."""
        self.type_ahead.flow_began()
        self.run_worker(self._flow(flow), group="flow", exclusive=False, exit_on_error=True)

    async def _flow(self, flow: Coroutine[Any, Any, None]) -> None:
        try:
            await flow
        finally:
            self.type_ahead.flow_ended()

    def _give_up(self) -> None:
        """Cancel the flow that Escape was pressed in before its next dialog was drawn."""
        self.workers.cancel_group(self, "flow")
        self.post_message(FlowGivenUp())

    @on(DialogShown)
    def _dialog_shown(self, message: DialogShown) -> None:
        message.dialog.shown = True
        if not message.dialog.takes_typed_ahead:
            self.key_queue.forget(message.dialog.made_at)
        self.type_ahead.dialog_shown(message.dialog)

    async def on_event(self, event: events.Event) -> None:
        """Drop keys where nobody could see what they do; queue the others."""
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            if too_small(self.size):
                return
            if isinstance(event, events.Key):
                await self.key_queue.arrive(event)
                return
        if isinstance(event, events.Key) and not self.key_queue.concerns(self.screen):
            # Another screen came up while it was on its way, which it must not answer.
            return
        await super().on_event(event)

    async def _take_key(self, event: events.Key) -> None:
        if not self.type_ahead.holds(event, self.screen):
            await super().on_event(event)
