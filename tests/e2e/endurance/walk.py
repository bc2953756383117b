"""The walk: gestures, faults and disturbances by a seed, with everything checked on the way."""

import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.endurance.journal_checks import Truth
from tests.e2e.endurance.keys import pick
from tests.e2e.endurance.surroundings import Surroundings, random_fault
from tui_numbers.domain.operations import Outcome

_STEPS_KEPT = 200
_GROWTH = {"MB": 400, "threads": 24, "descriptors": 48, "tasks": 120}
"""How much more of each there may be at the end; more is a leak, whatever was done."""


class Broken(AssertionError):
    """Something that must hold does not; the text has the seed and the way that led there."""


@dataclass
class Budget:
    """When a walk is over: after so many keys, or so many seconds."""

    keys: int | None = None
    seconds: float | None = None
    begun: float = field(default_factory=time.monotonic)

    def is_spent(self, pressed: int) -> bool:
        if self.keys is not None and pressed >= self.keys:
            return True
        return self.seconds is not None and time.monotonic() - self.begun >= self.seconds


@dataclass
class Walk:
    """One driver, one seed."""

    stage: Surroundings
    seat: Any
    seed: str
    commands: bool = True
    """Whether a command in a process of its own joins in now and then."""
    stalls: bool = False
    check_every: int = 25
    disturbances: float = 0.02
    """How often something is done to the program from outside."""
    steps: "deque[str]" = field(default_factory=lambda: deque(maxlen=_STEPS_KEPT))
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self.truth = Truth(self.stage.witness)
        self._running: list[tuple[list[str], Any]] = []

    async def run(self, budget: Budget) -> None:
        """Walk until the budget is spent, then see that all is well.

        Raises:
            Broken: It is not.
        """
        try:
            await self._watched(budget)
        except BaseException:
            await self.seat.abandon()
            raise

    async def _watched(self, budget: Budget) -> None:
        """Walk, and tell the way that led there with whatever a seat finds wrong."""
        try:
            await self._run(budget)
        except Broken:
            raise
        except AssertionError as error:
            self.fail(str(error))

    async def _run(self, budget: Budget) -> None:
        await self.seat.start()
        await self._must(self.seat.answers())
        self.first = self.seat.resources()
        taken = 0
        while not budget.is_spent(self.seat.pressed):
            taken += 1
            await self._step()
            if self.seat.ended:
                self._note("ended")
                await self._must(self.seat.after())
            if taken % self.check_every == 0:
                self.check()
            if taken % (4 * self.check_every) == 0:
                self._note("answers?")
                await self._must(self.seat.answers())
        await self._end()

    async def _step(self) -> None:
        chance = self.dice.random()
        if chance < 0.15:
            self.stage.misbehave(self._noted(random_fault(self.dice, stalls=self.stalls)))
        elif chance < 0.19:
            self._note("all faults over")
            self.stage.behave()
        elif chance < 0.24:
            self._note(self.stage.meddle(self.dice))
        elif chance < 0.26 and self.commands:
            self._command()
        elif 0.26 <= chance < 0.26 + self.disturbances:
            told = await self.seat.disturb(self.dice)
            if told:
                self._note(told)
        else:
            gesture = pick(self.dice)
            self._note(gesture.__name__)
            await gesture(_Noting(self.seat, self.steps), self.dice)
        self._reap()

    def _command(self) -> None:
        if self._running:
            return
        words = self.stage.random_command(self.dice)
        self._note("$ tui-numbers " + " ".join(words))
        self._running.append((words, self.stage.command(*words)))

    def _reap(self, *, wait: bool = False) -> None:
        for entry in list(self._running):
            words, process = entry
            if wait or process.poll() is not None:
                self._running.remove(entry)
                problem = self.stage.judge_command(words, process)
                self.counts["commands"] += 1
                if problem:
                    self.fail(problem)

    async def _end(self) -> None:
        self._note("the end")
        self.stage.behave()
        self._reap(wait=True)
        if self.seat.ended:
            await self._must(self.seat.after())
        await self._must(self.seat.answers())
        self.last = self.seat.resources()
        await self._must(self.seat.stop())
        self._judge_resources()
        self.check()
        operations = self.stage.operations()
        self.counts.update(str(one.outcome) for one in operations)
        under_way = [one.id for one in operations if one.outcome in (None, Outcome.PLANNED)]
        if under_way:
            self.fail(f"the program is over, and these are under way: {under_way}")
        left = self.truth.unexplained()
        if left:
            self.fail("\n".join(left))

    def _judge_resources(self) -> None:
        """See that nothing grew without bound."""
        for name, bound in _GROWTH.items():
            grown = self.last.get(name, 0) - self.first.get(name, 0)
            if grown > bound:
                self.fail(f"{grown} more {name}: {self.first} at first, {self.last} at last")
        left = self.seat.left_over()
        if left:
            self.fail("tasks of no dashboard:\n" + "\n".join(left))

    def check(self) -> None:
        """Compare journal, world and home with each other.

        Raises:
            Broken: Something that must hold does not.
        """
        wrong = self.stage.trouble() + self.truth.lies(self.stage.operations())
        if wrong:
            self.fail("\n".join(wrong[:5]))

    async def _must(self, saying: Any) -> None:
        problem = await saying
        if problem:
            self.fail(problem)

    def fail(self, what: str) -> None:
        """Raise what is wrong, with how it came."""
        steps = "\n".join(self.steps)
        trouble = "\n".join(self.stage.trouble())
        if trouble not in what:
            what = f"{what}\n{trouble}"
        raise Broken(
            f"{what}\n\nseed {self.seed}, {self.seat.name}, {self.seat.pressed} keys; "
            f"the last steps:\n{steps}\n\nthe screen:\n{self.seat.text}"
        )

    def _note(self, text: str) -> None:
        self.counts["steps"] += 1
        self.steps.append(text)

    def _noted(self, text: str) -> str:
        self._note(f"fault {text}")
        return text


class _Noting:
    """A seat that keeps what was done at it."""

    def __init__(self, seat: Any, steps: "deque[str]") -> None:
        self._seat = seat
        self._steps = steps

    @property
    def text(self) -> str:
        return str(self._seat.text)

    async def press(self, *keys: str) -> None:
        self._steps.append("  " + " ".join(keys))
        await self._seat.press(*keys)

    async def sees(self, pattern: Any, patience: float = 1.0) -> bool:
        found: bool = await self._seat.sees(pattern, patience)
        self._steps.append(f"  sees {pattern.pattern}: {found}")
        return found

    async def resize(self, width: int, height: int) -> None:
        self._steps.append(f"  size {width}x{height}")
        await self._seat.resize(width, height)
