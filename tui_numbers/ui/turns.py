"""Keys one after another: the next is looked at when the last has done all that it does."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

_ROUNDS = 2
"""One behind the key, one behind the message that its binding has sent."""
_LONGEST_TURN = 0.5
"""Seconds after which a key that was lost on its way no longer holds the others up."""


class Turns:
    """Gives each key its turn.

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
        """Take a key, now or when it is its turn."""
        if self._taken or self._waiting:
            self._hurry()
            self._waiting.append(event)
        else:
            await self._begin(event)

    def put_first(self, keys: Sequence[events.Key]) -> None:
        """Have keys that were held back go before all that came after them."""
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
        self._follow(node._parent, turn, rounds)  # noqa: SLF001

    async def _over(self, turn: int) -> None:
        if turn != self._turn or not self._taken:
            return
        self._taken = False
        await self._next()

    async def _next(self) -> None:
        if self._waiting and not self._taken:
            await self._begin(self._waiting.popleft())
