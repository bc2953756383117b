import asyncio
import heapq
import itertools

import pytest

from tests.support.clock import StoppedClock
from tui_numbers.providers.contract import Pace
from tui_numbers.providers.pacing import Pacer, Timing


def pacer(**pace):
    clock, waits = StoppedClock(), []
    return Pacer("uk-sms", Pace(**pace), clock.timing, waits.append), clock, waits


async def test_no_more_requests_at_once_than_the_width():
    made, _, _ = pacer(widest=3)
    under_way = most = 0

    async def ask():
        nonlocal under_way, most
        async with made.turn(write=False):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(ask() for _ in range(20)))
    assert most == 3


async def test_a_request_that_fails_gives_its_place_back():
    made, _, _ = pacer(widest=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with made.turn(write=False):
                raise RuntimeError
    async with made.turn(write=False):
        pass


async def test_clean_answers_widen_and_429_halves():
    made, _, _ = pacer(widest=16)
    assert made.width == 8
    for _ in range(8):
        made.observe(200, {})
    assert made.width == 16
    for _ in range(40):
        made.observe(200, {})
    assert made.width == 16
    for width in (8, 4, 2, 1, 1):
        made.observe(429, {})
        assert made.width == width
    made.observe(200, {})
    assert made.width == 2


async def test_an_account_is_asked_by_few_at_first_where_that_is_declared():
    made, _, _ = pacer(widest=4, first=2)
    widths = []
    for _ in range(4):
        widths.append(made.width)
        made.observe(200, {})
    assert (widths, made.width) == ([2, 2, 4, 4], 4)


async def test_others_at_an_account_that_counts_requests_at_once_leave_us_the_first_width():
    made, _, _ = pacer(widest=8, first=4, at_once_header="requests-now")

    def answer(at_once):
        made.observe(200, {"requests-now": at_once})
        return made.width

    assert [answer(told) for told in ("1", "4", "x", "2")] == [4, 4, 4, 8]
    assert [answer(told) for told in ("8", "9", "9", "4")] == [8, 4, 4, 4]
    for _ in range(3):
        made.observe(200, {})
    assert made.width == 8


async def test_a_request_waits_out_a_hold_and_says_so():
    made, clock, waits = pacer()
    made.hold(5, "used up")
    made.hold(2, "shorter")
    async with made.turn(write=False):
        pass
    assert clock.slept == [5]
    assert [(wait.account, wait.reason, wait.seconds) for wait in waits] == [
        ("uk-sms", "used up", 5)
    ]


@pytest.mark.parametrize(
    ("remaining", "reset", "held"),
    [
        ("0", 30, True),
        ("1", 30, True),
        ("50", 30, False),
        ("0", -5, False),
        ("0", 9_999, False),
        ("x", 30, False),
        ("nan", 30, False),
    ],
)
async def test_an_announced_limit_is_obeyed(remaining, reset, held):
    made, clock, _ = pacer()
    headers = {
        "x-ratelimit-remaining": remaining,
        "x-ratelimit-reset": str(clock.now() + reset),
    }
    made.observe(200, headers)
    async with made.turn(write=False):
        pass
    assert clock.slept == ([reset] if held else [])


async def test_writes_side_by_side_are_spaced():
    made, clock, _ = pacer(writes_per_second=2.0)
    started = []

    async def write():
        async with made.turn(write=True):
            started.append(clock.now())

    await asyncio.gather(*(write() for _ in range(4)))
    assert [time - started[0] for time in started] == [0, 0.5, 1.0, 1.5]


class Agenda:
    """Time that goes on to the next sleepers when nobody has anything left to do."""

    def __init__(self):
        self.time, self._sleepers, self._count = 1_000.0, [], itertools.count()

    async def sleep(self, seconds):
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._count), woken))
        await woken.wait()

    async def run(self, *tasks):
        every = asyncio.gather(*tasks)
        while not every.done():
            for _ in range(20):
                await asyncio.sleep(0)
            self.time = self._sleepers[0][0] if self._sleepers else self.time
            while self._sleepers and self._sleepers[0][0] <= self.time:
                heapq.heappop(self._sleepers)[2].set()
        await every


async def test_a_refusal_also_holds_those_that_wait_for_their_moment():
    agenda = Agenda()
    timing = Timing(lambda: agenda.time, lambda: agenda.time, agenda.sleep)
    made = Pacer("uk-sms", Pace(widest=4), timing, lambda waiting: None)
    started = []

    async def ask():
        async with made.turn(write=False):
            started.append(agenda.time)
            place = len(started)
            await agenda.sleep(0.1)
            made.observe(200, {})
            if place == 9:
                made.refused(30, "asked too often")

    made.refused(1, "asked too often")
    for _ in range(8):
        await agenda.run(ask())
    made.refused(1, "asked too often")
    await agenda.run(*(ask() for _ in range(4)))
    assert min(started[9:]) >= started[8] + 30


async def test_a_request_that_is_cancelled_at_any_moment_keeps_no_place():
    async def ask(made):
        async with made.turn(write=False):
            await asyncio.sleep(0)

    for step, place in itertools.product(range(12), range(6)):
        made, _, _ = pacer(widest=2)
        tasks = [asyncio.create_task(ask(made)) for _ in range(6)]
        for _ in range(step):
            await asyncio.sleep(0)
        tasks[place].cancel()
        late = asyncio.gather(ask(made), ask(made), *tasks, return_exceptions=True)
        for _ in range(60):
            await asyncio.sleep(0)
        assert late.done(), (step, place)


async def test_where_requests_at_once_are_counted_a_refusal_teaches_no_rate():
    spaced = {}
    for by_concurrency in (False, True):
        made, clock, _ = pacer(widest=4, by_concurrency=by_concurrency)
        for _ in range(10):
            async with made.turn(write=False):
                await clock.sleep(0.1)
            made.observe(200, {})
        made.observe(429, {})
        made.refused(0.5, "too many at once")
        before = clock.now()
        for _ in range(4):
            async with made.turn(write=False):
                pass
        spaced[by_concurrency] = clock.now() - before
        assert made.width == 2
    assert spaced[True] == pytest.approx(0.5)
    assert spaced[False] > 1


async def test_a_limit_that_counts_its_seconds_from_now_is_obeyed():
    made, clock, _ = pacer()
    made.observe(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"})
    async with made.turn(write=False):
        pass
    assert clock.slept == [30]
