"""What hands do at the dashboard: single keys in any order, and the ways that lead somewhere."""

import random
import re
from collections.abc import Awaitable, Callable
from typing import Protocol

from tests.e2e.endurance.surroundings import TYPED_SECRET

ANY = (
    *"123tebuXyYnavrsSRUgGjk 0619/:?@TAq",
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pagedown", "pageup"),
    *("home", "end", "ctrl+s", "ctrl+t", "ctrl+d", "ctrl+u", "ctrl+p", "backspace", "delete"),
)  # fmt: skip
SIZES = (*[(80, 24)] * 5, (60, 20), (120, 40), (100, 24), (99, 24), (60, 15), (40, 10), (200, 50))
TEXTS = (
    "6170", "+44 20 79", "uk-sms", "Support", "[/][b]x", "$name [red]", "\u202eevil", "電話番号",
    "'; DROP TABLE", "%s{0}", "=1+1", "phone:+442079460912", "phone:+61491570156",
    "sip:sip:desk@pbx.example", "webhook:https://hooks.example/in?a=[b]", "x" * 60,
    "https://hooks.example/s", "user:US", "application:", "phone:hello", "GB", "US", "quit", "\\",
)  # fmt: skip
_ASKS = re.compile(r"y sends|type \d+ to confirm|Esc cancels|Esc closes|not undone|nothing was")
_SECRET_FIELD = re.compile("Enter takes it, until the program ends")
_PICKS = re.compile(r"part of a name|marked at several")


class Seat(Protocol):
    """What a driver offers to whoever sits at the keyboard."""

    @property
    def text(self) -> str:
        """What the screen shows."""

    async def press(self, *keys: str) -> None:
        """Press keys, and let the program take them in."""

    async def sees(self, pattern: re.Pattern[str], patience: float = 1.0) -> bool:
        """Wait a while for words to appear; tells whether they did."""

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the terminal."""


def way_out(text: str) -> tuple[str, ...]:
    """Return the keys that lead one step back from what the screen shows."""
    if "Leave the form" in text or "Drop" in text:
        return ("y",)
    return ("escape",)


Gesture = Callable[[Seat, random.Random], Awaitable[None]]


async def keys(seat: Seat, dice: random.Random) -> None:
    """Any keys, in any order."""
    await seat.press(*(dice.choice(ANY) for _ in range(dice.randint(1, 16))))


async def move(seat: Seat, dice: random.Random) -> None:
    await seat.press(*(dice.choice(("j", "k", "g", "G", "pagedown", "down")) for _ in range(3)))


async def filtered(seat: Seat, dice: random.Random) -> None:
    await seat.press("escape", "1", "/", *dice.choice(TEXTS), "enter")
    if dice.random() < 0.7:
        await seat.press("escape", "escape")


async def _answered(seat: Seat, dice: random.Random) -> None:
    """Answer a confirmation, mostly with yes."""
    if not await seat.sees(_ASKS):
        return
    count = re.search(r"type (\d+) to confirm", seat.text)
    if count is not None:
        await seat.press(*count[1], "enter", "enter", "enter")
    elif dice.random() < 0.12:
        await seat.press("tab", "tab", *dice.choice(TEXTS)[:20], "shift+tab", "y")
    await seat.press(dice.choice(("y", "y", "y", "y", "y", "y", "enter", "n", "escape", "c")))
    ending = dice.random()
    if ending < 0.6:
        await seat.sees(re.compile("any key closes"))
        await seat.press(dice.choice((" ", " ", " ", "u", "g", "escape")))
        if dice.random() < 0.3:
            await seat.press("y")
    elif ending < 0.75:
        await seat.press("c", "escape")
    elif ending < 0.9:
        await seat.press("escape", "escape")


async def _home(seat: Seat, dice: random.Random) -> None:
    """Mostly begin where the numbers are, else wherever the last gesture led."""
    if dice.random() < 0.85:
        await seat.press("escape", *way_out(seat.text), "escape", "escape", "1")
        await seat.press(*(dice.choice("jjjkG") for _ in range(dice.randint(0, 3))))


async def retarget(seat: Seat, dice: random.Random) -> None:
    await _home(seat, dice)
    await _retargeted(seat, dice)


async def _retargeted(seat: Seat, dice: random.Random) -> None:
    await seat.press("t")
    if not await seat.sees(_PICKS):
        return
    if dice.random() < 0.15:
        await seat.press(*dice.choice(TEXTS))
    else:
        await seat.press(*["down"] * dice.randint(0, 5))
    await seat.press("enter")
    await _answered(seat, dice)


async def batch(seat: Seat, dice: random.Random) -> None:
    await seat.press("escape", "escape", "1", "/", *dice.choice(("us-", "uk-", "au-")), "enter")
    await seat.press(*["space"] * dice.choice((2, 3, 3, 7)))
    await _retargeted(seat, dice)
    await seat.press("escape", "escape", "escape")


async def edit(seat: Seat, dice: random.Random) -> None:
    await _home(seat, dice)
    await seat.press("e")
    if not await seat.sees(re.compile("Ctrl\\+S previews")):
        return
    for _ in range(dice.randint(1, 3)):
        await seat.press(*["tab"] * dice.randint(0, 6))
        keys = (dice.choice(TEXTS), "ctrl+u", " ", ["right"], ["ctrl+t", "enter"])
        await seat.press(*dice.choice(keys[:1] * 4 + keys[2:]))
    await seat.press("ctrl+s")
    await _answered(seat, dice)
    await seat.press("escape", "y")


async def undo(seat: Seat, dice: random.Random) -> None:
    await _home(seat, dice)
    await seat.press("u")
    await _answered(seat, dice)


async def history(seat: Seat, dice: random.Random) -> None:
    await seat.press("escape", "3", *(dice.choice(("j", "k", "g", "G")) for _ in range(4)))
    await seat.press(dice.choice("uURSSRUe/srvy"))
    await _answered(seat, dice)
    await seat.press("escape", "escape", "1")


async def buy(seat: Seat, dice: random.Random) -> None:
    await seat.press("escape", "escape", "2", "enter")
    await seat.press(*dice.choice(("GB", "US", "AU", "DE", "x")), "enter")
    await seat.sees(re.compile(r"(us-desk|uk-sms) [\d,]+"))
    if dice.random() < 0.3:
        await seat.press("/", *dice.choice(("20", "22", "cab", "[/")))
    await seat.press("escape", *["down"] * dice.randint(0, 6), "b")
    if not await seat.sees(_PICKS):
        return
    await seat.press(*["down"] * dice.randint(0, 3), "enter")
    await _answered(seat, dice)
    await seat.press("escape", "1")


async def release(seat: Seat, dice: random.Random) -> None:
    await seat.press("escape", "escape", "1", "X")
    if not await seat.sees(re.compile("type the last four")):
        return
    named = re.search(r"Release (\+[\d -]+\d)", seat.text)
    digits = re.sub(r"\D", "", named[1])[-4:] if named else "0000"
    typed = digits if dice.random() < 0.8 else "1234"
    await seat.press("shift+tab", "shift+tab", "shift+tab", *typed, "tab", "tab", "enter")
    await seat.sees(re.compile("any key closes|not sent"))
    await seat.press("escape", "escape")


async def accounts(seat: Seat, dice: random.Random) -> None:
    await seat.press("escape", "A")
    if not await seat.sees(re.compile("secret")):
        return
    for _ in range(dice.randint(1, 4)):
        await seat.press(dice.choice(("j", "k", "r", "c", "s", "a", "e", "enter", "escape", "X")))
        if await seat.sees(_SECRET_FIELD, patience=0.05):
            await seat.press(*TYPED_SECRET, dice.choice(("enter", "escape")))
        elif dice.random() < 0.5:
            await seat.press(*dice.choice(TEXTS), dice.choice(("ctrl+s", "enter", "tab", "escape")))
    await seat.press("escape", "n", "escape", "escape", "escape")


async def palette(seat: Seat, dice: random.Random) -> None:
    words = ("6170", "theme", "log", "refresh", "undo", "history", "[/", "keys", "4420", "zzz")
    await seat.press("escape", ":", *dice.choice(words), dice.choice(("enter", "escape")))


async def resize(seat: Seat, dice: random.Random) -> None:
    await seat.resize(*dice.choice(SIZES))


async def look(seat: Seat, dice: random.Random) -> None:
    await seat.press(dice.choice(("?", "@", "T", "v", "enter", "r", "s", "y")))
    await seat.press(dice.choice(("escape", "j", "pagedown", "escape")))


GESTURES: tuple[tuple[int, Gesture], ...] = (
    (14, keys),
    (4, move),
    (6, filtered),
    (22, retarget),
    (6, batch),
    (8, edit),
    (8, undo),
    (9, history),
    (4, buy),
    (2, release),
    (2, accounts),
    (2, palette),
    (4, resize),
    (6, look),
)


def pick(dice: random.Random) -> Gesture:
    """Return what the hands do next."""
    weights, gestures = zip(*GESTURES, strict=True)
    return dice.choices(gestures, weights)[0]
