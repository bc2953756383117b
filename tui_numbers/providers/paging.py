"""Read listings page by page, or several pages at once where a total is told."""

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    Callable,
    Collection,
    Coroutine,
    Hashable,
    Iterator,
)
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Generic, TypeVar

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.providers import request
from tui_numbers.providers.contract import Pace, Page
from tui_numbers.providers.errors import ListingIncomplete, ProviderError

R = TypeVar("R")
T = TypeVar("T")
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """One page as it came, and what it says of the next one."""

    page: Page[T]
    size: int
    """Bytes of its body."""
    more: bool | None = None
    """Whether the answer says that another page follows; None where it does not say."""


class Listing(Generic[T]):
    """One listing of an account while it is read."""

    def __init__(
        self,
        account: str,
        named: str,
        key: Callable[[T], Hashable],
        *,
        moves: bool = False,
    ) -> None:
        """Prepare to read.

        Args:
            account: The account whose listing it is.
            named: What is listed, as the user reads it: ``Parakeet's listing /numbers``.
            key: What tells one record from another.
            moves: Whether records may come and go while it is read, as in a stock that others
                buy from: one that comes twice then stands for one that was missed.
        """
        self._account = account
        self._named = named
        self._key = key
        self._moves = moves
        self._given: set[Hashable] = set()
        """Keys of the records that earlier walks through the listing gave."""
        self._keys: set[Hashable] = set()
        """Keys of the records of this walk."""
        self._pages: set[int] = set()
        """Which records the pages of this walk held together."""
        self._totals: set[int] = set()
        self._untold = False
        self._total: int | None = None
        """The latest total that was told."""
        self._asked = self._records = self._bytes = self._barren = 0
        self._came = self._dropped = 0
        """Records of this walk, repeated ones included, and those that could not be read."""

    async def linked(
        self,
        ask: Callable[[W], Coroutine[Any, Any, tuple[Answer[T], Callable[[], W | None]]]],
        first: W,
    ) -> AsyncGenerator[Page[T], None]:
        """Yield pages in turn; each comes with what tells where the next one is, if anywhere.

        Raises:
            ListingIncomplete: A page came again, or the listing does not end.
        """
        place: W | None = first
        while place is not None:
            answer, following = await ask(place)
            page, new, repeats = self._take(answer)
            yield page
            if repeats:
                raise self.incomplete("ends early: it gave the same records again")
            place = following()
            if place is not None:
                self._brought(new)
        self._check()

    async def counted(
        self,
        ask: Callable[[int, int], Coroutine[Any, Any, Answer[T]]],
        size: int,
    ) -> AsyncGenerator[Page[T], None]:
        """Yield pages in turn; ``ask`` takes the page's number, from 1, and the records before it.

        A page may hold fewer records than the ``size`` asked for, by a limit of the server's own:
        the listing ends at an empty page, or where the total that it tells is reached.

        Raises:
            ListingIncomplete: A page came again, the listing does not end, or fewer records came
                than it promises.
        """
        number = 0
        while True:
            number += 1
            answer = await ask(number, self._came)
            page, new, repeats = self._take(answer)
            yield page
            if repeats:
                raise self.incomplete("ends early: it gave the same records again")
            if self._is_last(answer, size):
                break
            self._brought(new)
        self._check()

    async def side_by_side(
        self,
        fetch: Callable[[int], Coroutine[Any, Any, R]],
        read: Callable[[R], Answer[T]],
        size: int,
        widest: int,
    ) -> AsyncGenerator[Page[T], None]:
        """Yield pages 1, 2, … as they arrive; the first one's total tells how many there are.

        ``fetch`` brings the answer that holds a page, ``read`` makes the page of it. Without a
        total, pages are read in order until one is empty. Where a total promises pages that turn
        out empty, no more are asked for.

        Raises:
            ListingIncomplete: After the last page, where the pages do not add up to the total.
        """
        first = read(await fetch(1))
        page, new, _ = self._take(first)
        changed = new < len(first.page.items)
        yield page
        total, held = first.page.total.count, _held(first.page)
        if total is None:
            rest = _in_order(fetch, read, held)
        else:
            rest = _up_to(fetch, read, _last_page(total, held, size), widest)
        async with aclosing(rest) as answers:
            async for answer in answers:
                page, new, _ = self._take(answer)
                changed = changed or new < len(answer.page.items)
                yield page
                if _held(answer.page):
                    self._brought(new)
        kept = len(self._keys) + self._dropped
        promised = max(self._totals, default=kept)
        if changed or len(self._totals) + self._untold > 1 or kept != promised:
            raise self.incomplete(f"changed while it was read: {kept:,} of {promised:,} came")

    def take(self, answer: Answer[T]) -> Page[T]:
        """Return a page that stands by itself, without the records that came before."""
        return self._take(answer)[0]

    def begin_again(self) -> None:
        """Walk through the listing once more from its start; what was given is not given again."""
        self._given |= self._keys
        self._keys, self._pages = set(), set()
        self._came = self._dropped = self._barren = 0

    def incomplete(self, reason: str) -> ListingIncomplete:
        """Return the error that says why the listing is not whole."""
        return ListingIncomplete(f"{self._named} {reason}", account=self._account)

    def _take(self, answer: Answer[T]) -> tuple[Page[T], int, bool]:
        """Count a page, and return it without the records that came before.

        Also returned are how many of its records are new, and whether all of them together were
        one earlier page. Records that cannot be read do not count as the same: each is reported.
        """
        page = answer.page
        held = _held(page)
        self._bound(held, answer.size)
        fresh, keys = [], set()
        new = 0
        for item in page.items:
            key = self._key(item)
            keys.add(key)
            if key not in self._keys:
                self._keys.add(key)
                new += 1
                if key not in self._given:
                    fresh.append(item)
        together = hash(frozenset(keys))
        repeats = bool(keys) and not new and together in self._pages
        self._pages.add(together)
        self._came += held
        self._dropped += page.dropped
        self._note_total(page.total.count, held)
        return replace(page, items=tuple(fresh)), new, repeats

    def _note_total(self, total: int | None, held: int) -> None:
        # A page beyond the last one need not repeat what the others told.
        if not held and not total:
            return
        self._total = total
        if total is None:
            self._untold = True
        else:
            self._totals.add(total)

    def _is_last(self, answer: Answer[T], size: int) -> bool:
        """Tell whether the listing ends with this page, the latest."""
        held = _held(answer.page)
        if held == 0:
            return True
        if answer.more:
            return False
        total = answer.page.total.count
        if total is None:
            return answer.more is False
        # A total of one whole page may be no more than the length of the page that it stands on.
        return self._came == total and not held == self._came == size

    def _check(self) -> None:
        """Raise where fewer records came than were promised."""
        if self._moves:
            kept, promised = self._came, self._total
        else:
            kept = len(self._keys) + self._dropped
            promised = max(self._totals, default=None)
        if promised is not None and kept < promised:
            raise self.incomplete(f"ends early: {kept:,} of {promised:,} came")

    def _bound(self, records: int, size: int) -> None:
        self._asked += 1
        self._records += records
        self._bytes += size
        if (
            self._asked > request.MOST_PAGES
            or self._records > request.MOST_RECORDS
            or self._bytes > request.MOST_LISTED_BYTES
        ):
            raise self.incomplete(
                f"does not end: it was left after {self._asked:,} pages "
                f"with {self._records:,} records"
            )

    def _brought(self, new: int) -> None:
        self._barren = 0 if new else self._barren + 1
        if self._barren >= request.MOST_BARREN_PAGES:
            raise self.incomplete(f"ends early: {self._barren} pages brought nothing new")


class SecondSweep(Generic[R]):
    """A listing beside another one, without which the other would tell but a part of the truth.

    It is read once, from its making on, while the other's first page is on its way. Where it
    fails, what it would tell is *not known*, never *none*.
    """

    def __init__(self, reading: Coroutine[Any, Any, R], means: str) -> None:
        """Begin to read; ``means`` is what is not known where that fails, as a sentence."""
        self._task = asyncio.create_task(reading)
        self._means = means
        self._warned = False

    async def told(self) -> R | None:
        """Return what was read, or None where it could not be."""
        try:
            return await asyncio.shield(self._task)
        except ProviderError:
            return None

    @property
    def failure(self) -> ProviderError | None:
        """Why it could not be read, once that is known."""
        if not self._task.done() or self._task.cancelled():
            return None
        failure = self._task.exception()
        return failure if isinstance(failure, ProviderError) else None

    def warning(self) -> tuple[str, ...]:
        """Return what to say on the first page that came, once it is known to have failed."""
        failure = self.failure
        if self._warned or failure is None:
            return ()
        self._warned = True
        return (f"{self._means}: {failure}",)

    async def aclose(self) -> None:
        """End it, where the other listing is left early."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def gathered(pages: AsyncGenerator[Page[T], None]) -> Page[T]:
    """Read a listing to its end, where a part of it would be of no use, as one page."""
    items: list[T] = []
    warnings: list[str] = []
    dropped = 0
    async with aclosing(pages) as listed:
        async for page in listed:
            items += page.items
            warnings += page.warnings
            dropped += page.dropped
    return Page(tuple(items), warnings=tuple(warnings), dropped=dropped)


_NUMBERS_FOR_PAGE = 4
"""A page is asked for in place of so many numbers at least."""


def one_by_one(count: int, pace: Pace, *, abreast: bool = False) -> int:
    """Return how many pages take no longer than asking for ``count`` numbers singly.

    They come in turn, or ``abreast``: all but the first side by side.
    """
    rounds = max(1, -(-count // pace.widest))
    if not abreast or rounds == 1:
        return rounds
    return max(1, min(1 + (rounds - 1) * pace.widest, count // _NUMBERS_FOR_PAGE))


async def listed_among(
    pages: AsyncGenerator[Page[OwnedNumber], None], wanted: Collection[E164], most_pages: int
) -> dict[E164, OwnedNumber | None]:
    """Read numbers by a listing of at most ``most_pages`` pages.

    Returns:
        Each number as it is listed, None where it is not. Empty where the listing is longer or
        not whole, and without those that are listed twice or that an unreadable record may be.
    """
    try:
        page = await short_listing(pages, most_pages)
    except ListingIncomplete:
        return {}
    if page is None:
        return {}
    found: dict[E164, list[OwnedNumber]] = {number: [] for number in wanted}
    for one in page.items:
        if one.number in found:
            found[one.number].append(one)
    least = 1 if page.dropped else 0
    return {
        number: ones[0] if ones else None
        for number, ones in found.items()
        if least <= len(ones) <= 1
    }


async def short_listing(pages: AsyncGenerator[Page[T], None], most_pages: int) -> Page[T] | None:
    """Read a listing to its end, as one page; None where it is longer than ``most_pages``.

    Where its first page tells how many there are, no other one is asked for in vain.
    """
    items: list[T] = []
    warnings: list[str] = []
    asked = dropped = 0
    async with aclosing(pages) as listed:
        async for page in listed:
            asked += 1
            total = page.total.count or 0
            if asked > most_pages or total > most_pages * max(1, _held(page)):
                return None
            items += page.items
            warnings += page.warnings
            dropped += page.dropped
    return Page(tuple(items), warnings=tuple(warnings), dropped=dropped)


def _last_page(total: int, held: int, size: int) -> int:
    """Return the number of the last page, from the first one's total and length."""
    if total == held == size:
        # Such a total may be no more than the length of the page that it stands on.
        return 2
    # A server may have pages of its own length, whatever is asked for.
    return -(-total // (held or size))


def _held(page: Page[T]) -> int:
    return len(page.items) + page.dropped


async def _in_order(
    fetch: Callable[[int], Coroutine[Any, Any, R]],
    read: Callable[[R], Answer[T]],
    held: int,
) -> AsyncGenerator[Answer[T], None]:
    number = 1
    while held:
        number += 1
        answer = read(await fetch(number))
        held = _held(answer.page)
        yield answer


async def _up_to(
    fetch: Callable[[int], Coroutine[Any, Any, R]],
    read: Callable[[R], Answer[T]],
    last: int,
    widest: int,
) -> AsyncGenerator[Answer[T], None]:
    barren = 0

    def further() -> Iterator[int]:
        for number in range(2, min(last, request.MOST_PAGES) + 1):
            if barren >= request.MOST_BARREN_PAGES:
                return
            yield number

    async with aclosing(_concurrently(fetch, further(), widest)) as replies:
        async for reply in replies:
            answer = read(reply)
            barren += not _held(answer.page)
            yield answer


async def _concurrently(
    fetch: Callable[[int], Coroutine[Any, Any, R]], waiting: Iterator[int], widest: int
) -> AsyncGenerator[R, None]:
    """Yield answers as they come, ``widest`` of them under way and twice as many unread at most."""
    running: set[asyncio.Task[R]] = set()
    came: deque[asyncio.Task[R]] = deque()

    def arrive(task: asyncio.Task[R]) -> None:
        running.discard(task)
        came.append(task)

    try:
        while True:
            room = widest - len(running) if len(came) <= widest else 0
            for number in islice(waiting, room):
                task = asyncio.create_task(fetch(number))
                running.add(task)
                task.add_done_callback(arrive)
            if came:
                # Reading keeps the processor busy, so the next requests leave before it.
                await asyncio.sleep(0)
                yield came.popleft().result()
            elif running:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            else:
                return
    finally:
        # Pages that failed beside the first failure are gathered too, or asyncio would log them.
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *came, return_exceptions=True)
