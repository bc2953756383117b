"""Contain unexpected exceptions: log them, and report them as a failure of one account."""

import asyncio
import contextlib
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from tui_numbers import __version__
from tui_numbers.domain import clock
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.changes import Change
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import (
    Address,
    AvailableNumber,
    Channel,
    OwnedNumber,
    Target,
    TargetOption,
)
from tui_numbers.domain.query import OwnedQuery, StockQuery
from tui_numbers.domain.text import clean
from tui_numbers.providers.contract import (
    NO_EXTRAS,
    AccountCheck,
    OrderState,
    Page,
    PickerChoice,
    Provider,
    Purchase,
)
from tui_numbers.providers.errors import ProgramFailed, ProviderError
from tui_numbers.providers.request import MASK, secret_forms
from tui_numbers.services.paths import NoHome, Paths
from tui_numbers.services.routing import Labels
from tui_numbers.storage.private_files import open_private_log


def log_error(error: BaseException, hidden: Secret | None = None) -> str:
    """Append an exception to the private log; return a sentence that says where.

    ``hidden`` is a secret that the exception's text may repeat.
    """
    path = None
    try:
        path = Paths.of_user().log
        handle = open_private_log(path)
        with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{clock.now().isoformat()} tui-numbers {__version__}\n")
            log.write(_text_of(error, hidden))
    except NoHome:
        return "there is no home directory to keep the details in"
    except OSError as problem:
        return f"and {path} cannot be written ({problem.strerror})"
    return f"the details are in {path}"


def _text_of(error: BaseException, hidden: Secret | None) -> str:
    """Return the traceback without secrets and control characters."""
    text = "".join(traceback.format_exception(error))
    for form in secret_forms(hidden, None) if hidden is not None else ():
        text = text.replace(form.decode(), MASK.decode())
    return "\n".join(map(clean, text.split("\n")))


T = TypeVar("T")


@contextlib.contextmanager
def contained(account: str, hidden: Secret | None = None) -> Iterator[None]:
    """Convert unexpected exceptions to a failure of the account, and log their traceback.

    Raises:
        ProviderError: The block raised it, or something that nobody foresaw.
    """
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:  # noqa: BLE001 - a provider's package may raise anything
        failure = program_failed(account, error, hidden)
    else:
        return
    raise failure


def program_failed(account: str, error: Exception, hidden: Secret | None = None) -> ProgramFailed:
    """Log an exception, and return it as the failure of one account."""
    where = log_error(error, hidden)
    message = f"the program failed at this account ({type(error).__name__})"
    return ProgramFailed(message, account=account, hint=where)


class ContainedClient(Provider):
    """A provider's client that raises nothing but a ``ProviderError``."""

    def __init__(
        self, client: Provider, account: str, secret: Secret, names: Labels | None = None
    ) -> None:
        """Take the client, and the names that the configuration has for phone targets."""
        self.info = client.info
        self.client = client
        self._account = account
        self._secret = secret
        self._names = names
        self._together = _Together(self.find_many, self._find_one)

    async def check(self) -> AccountCheck:
        """Ask the cheapest question that proves the credential."""
        with self._contained():
            return await self.client.check()

    def owned(self, query: OwnedQuery) -> AsyncIterator[Page[OwnedNumber]]:
        """List owned numbers."""
        pages = self._pages(lambda: self.client.owned(query))
        return pages if self._names is None else _named(pages, self._names)

    async def find(self, number: E164, known: OwnedNumber | None = None) -> OwnedNumber | None:
        """Read exactly this number afresh, or None.

        Where the provider can read several numbers at once, those that are asked for together are.
        """
        if type(self.client).find_many is Provider.find_many:
            return await self._find_one(number, known)
        return await self._together.find(number, known)

    async def find_many(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        """Read several numbers afresh by a listing, as far as that takes fewer requests."""
        with self._contained():
            found = await self.client.find_many(numbers)
        return {number: self._named(one) for number, one in found.items()}

    async def _find_one(self, number: E164, known: OwnedNumber | None) -> OwnedNumber | None:
        with self._contained():
            return self._named(await self.client.find(number, known))

    def _named(self, found: OwnedNumber | None) -> OwnedNumber | None:
        return self._names.on(found) if self._names is not None and found is not None else found

    def available(self, query: StockQuery) -> AsyncIterator[Page[AvailableNumber]]:
        """List stock page by page."""
        return self._pages(lambda: self.client.available(query))

    def targets(self, number: OwnedNumber | None = None) -> AsyncIterator[Page[TargetOption]]:
        """List what ``number``, or any number, can point at."""
        return self._pages(lambda: self.client.targets(number))

    async def target(self, target: Target) -> TargetOption | None:
        """Read which channels a target can serve."""
        with self._contained():
            return await self.client.target(target)

    async def choices_for(self, setting: str, number: OwnedNumber) -> tuple[PickerChoice, ...]:
        """List values for a setting."""
        with self._contained():
            return await self.client.choices_for(setting, number)

    async def addresses(self) -> tuple[Address, ...]:
        """List the postal addresses registered with the account."""
        with self._contained():
            return await self.client.addresses()

    async def update(self, number: OwnedNumber, change: Change) -> None:
        """Make ``change`` to ``number``; where the program fails it may have been made."""
        with self._contained():
            await self.client.update(number, change)

    async def buy(
        self,
        number: AvailableNumber,
        target: Target | None,
        extras: Mapping[str, str] = NO_EXTRAS,
    ) -> Purchase:
        """Buy ``number``; where the program fails it may have been bought."""
        with self._contained():
            # A plug-in of an earlier contract knows no extras, and declares none.
            named = (extras,) if extras else ()
            return await self.client.buy(number, target, *named)

    async def buy_choices(self, key: str, number: AvailableNumber) -> tuple[PickerChoice, ...]:
        """List values for something that a purchase names."""
        with self._contained():
            return await self.client.buy_choices(key, number)

    async def decided_elsewhere(self, number: OwnedNumber) -> Mapping[Channel, str]:
        """Say which channels no setting of ``number`` decides."""
        with self._contained():
            return await self.client.decided_elsewhere(number)

    async def order(self, reference: str) -> OrderState:
        """Ask what became of the order of a purchase."""
        with self._contained():
            return await self.client.order(reference)

    async def order_since(self, number: E164, since: datetime) -> str | None:
        """Find the order of ``number`` made since a time."""
        with self._contained():
            return await self.client.order_since(number, since)

    async def release(self, number: OwnedNumber) -> None:
        """Give ``number`` up; where the program fails it may be gone."""
        with self._contained():
            await self.client.release(number)

    def warnings(self, number: OwnedNumber, change: Change) -> tuple[str, ...]:
        """Say what this change may lose or move beside what was asked."""
        with self._contained():
            return self.client.warnings(number, change)

    def why_not(self, change: Change) -> str | None:
        """Say why ``update`` would refuse this change."""
        with self._contained():
            return self.client.why_not(change)

    async def aclose(self) -> None:
        """End the readings that are still under way, before their connections are closed."""
        await self._together.aclose()

    def _contained(self) -> contextlib.AbstractContextManager[None]:
        return contained(self._account, self._secret)

    async def _pages(self, listing: Callable[[], AsyncIterator[T]]) -> AsyncIterator[T]:
        pages: AsyncIterator[T] | None = None
        try:
            with self._contained():
                pages = listing()
                async for page in pages:
                    yield page
        finally:
            close = getattr(pages, "aclose", None)
            if close is not None:
                await close()


_GATHERING_SECONDS = 0.005
"""How long a reading waits for others; as long as more come, it waits once more."""
_LONGEST_GATHERING = 20
_WORTH_ANOTHER = 2
"""How many times as many numbers make another listing worth trying, where one was too long."""

_FindMany = Callable[
    [Mapping[E164, OwnedNumber | None]], Awaitable[Mapping[E164, OwnedNumber | None]]
]
_FindOne = Callable[[E164, OwnedNumber | None], Awaitable[OwnedNumber | None]]


class _Together:
    """Reads numbers that are asked for at the same time by one listing.

    A listing begins after each of its numbers was asked for, so what it shows is as fresh as a
    reading of each number. What it leaves out, or all where it fails, is asked for one by one.
    """

    def __init__(self, find_many: _FindMany, find_one: _FindOne) -> None:
        self._find_many = find_many
        self._find_one = find_one
        self._waiting: list[tuple[E164, OwnedNumber | None, asyncio.Future[OwnedNumber | None]]]
        self._waiting = []
        self._gathering: asyncio.Task[None] | None = None
        self._alone: set[asyncio.Task[None]] = set()
        self._too_few = 1
        """How many numbers were too few for a listing of this account."""

    async def find(self, number: E164, known: OwnedNumber | None) -> OwnedNumber | None:
        """Read one number afresh, together with those that others ask for right now."""
        told: asyncio.Future[OwnedNumber | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((number, known, told))
        if self._gathering is None:
            self._gathering = asyncio.create_task(self._serve())
        return await told

    async def _serve(self) -> None:
        asked: list[tuple[E164, OwnedNumber | None, asyncio.Future[OwnedNumber | None]]] = []
        try:
            while self._waiting:
                await self._gather()
                asked = [one for one in self._waiting if not one[2].done()]
                self._waiting = []
                found = await self._listed({number: known for number, known, _ in asked})
                for number, known, told in asked:
                    if told.done():
                        continue
                    if number in found:
                        told.set_result(found[number])
                    else:
                        self._begin_alone(number, known, told)
                asked = []
        finally:
            self._gathering = None
            for _, _, told in asked + self._waiting:
                told.cancel()
            self._waiting = []

    def _begin_alone(
        self,
        number: E164,
        known: OwnedNumber | None,
        told: "asyncio.Future[OwnedNumber | None]",
    ) -> None:
        task = asyncio.create_task(self._ask(number, known, told))
        self._alone.add(task)
        task.add_done_callback(self._alone.discard)
        # Its end reaches whoever waits even where it never began.
        task.add_done_callback(lambda _: told.cancel())
        # A reading ends with whoever asked for it.
        told.add_done_callback(lambda one: task.cancel() if one.cancelled() else None)

    async def aclose(self) -> None:
        """End what is under way; whoever still waits for it is cancelled."""
        running = [*self._alone, *([self._gathering] if self._gathering is not None else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for _, _, told in self._waiting:
            told.cancel()
        self._waiting = []
        self._gathering = None

    async def _gather(self) -> None:
        for _ in range(_LONGEST_GATHERING):
            came = len(self._waiting)
            await asyncio.sleep(_GATHERING_SECONDS)
            if len(self._waiting) == came:
                return

    async def _listed(
        self, numbers: Mapping[E164, OwnedNumber | None]
    ) -> Mapping[E164, OwnedNumber | None]:
        if len(numbers) <= self._too_few:
            return {}
        try:
            found = await self._find_many(numbers)
        except ProviderError:
            return {}
        if not found:
            self._too_few = len(numbers) * _WORTH_ANOTHER - 1
        return found

    async def _ask(
        self,
        number: E164,
        known: OwnedNumber | None,
        told: "asyncio.Future[OwnedNumber | None]",
    ) -> None:
        try:
            found = await self._find_one(number, known)
        except Exception as error:  # noqa: BLE001 - whoever waits is told of it
            if not told.done():
                told.set_exception(error)
        else:
            if not told.done():
                told.set_result(found)


async def _named(
    pages: AsyncIterator[Page[OwnedNumber]], names: Labels
) -> AsyncIterator[Page[OwnedNumber]]:
    """Yield pages whose numbers have names for the people whom they point at."""
    try:
        async for page in pages:
            yield replace(page, items=tuple(map(names.on, page.items)))
    finally:
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()
