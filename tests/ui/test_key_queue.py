"""Keys that were held back for a dialog come before those that were pressed after them."""

from collections import deque

from textual import events

from tui_numbers.ui.keyboard import KeyQueue


class Stage:
    """As much of an app, with one screen, as a turn goes through."""

    def __init__(self):
        self.calls = deque()
        self.focused = None
        self.screen = self
        self._parent = self

    def call_later(self, call, *arguments):
        self.calls.append((call, arguments))
        return True

    def set_timer(self, _seconds, _call):
        """Nothing is ever late."""

    async def step(self):
        call, arguments = self.calls.popleft()
        answer = call(*arguments)
        if answer is not None:
            await answer


def keys(text):
    return [events.Key(character, character) for character in text]


async def test_what_was_held_back_is_not_overtaken():
    stage, taken, held = Stage(), [], []
    shown = False

    async def take(key):
        (taken if shown else held).append(key)

    turns = KeyQueue(stage, take)
    for key in keys("GB!"):
        await turns.arrive(key)
    while len(held) < 2:
        await stage.step()
    shown = True
    turns.put_first(held)
    await turns.arrive(*keys("?"))
    while stage.calls:
        await stage.step()
    assert [key.key for key in taken] == list("GB!?")
    assert not turns.under_way
