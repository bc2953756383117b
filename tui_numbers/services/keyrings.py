"""The one door to the operating system's keyring: a thread of its own, a deadline, few words.

A keyring may hang on a prompt that nobody sees. What it said is therefore kept for the session: a
keyring that failed is not asked again before someone wants it to be.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from tui_numbers.domain.secret import Secret
from tui_numbers.services.keyring_backends import Backend, Picked, pick
from tui_numbers.services.keyring_problems import KeyringProblem, Trouble, problem_of, timed_out

T = TypeVar("T")

SERVICE = "tui-numbers"
"""The service of every entry; its user name is the account's name."""

DEADLINE = 3.0


@dataclass
class Keyring:
    """The keyring of this session, picked when it is first needed."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    seconds: float = DEADLINE
    pick: Callable[[Mapping[str, str]], Picked] = pick
    title: str | None = None
    """What people call the keyring in use; None before it was needed."""
    _picked: Picked | None = field(default=None, repr=False)
    _down: KeyringProblem | None = field(default=None, repr=False)
    _known: dict[str, Secret | None] = field(default_factory=dict, repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def read(self, name: str) -> Secret | None:
        """Return the entry of an account, or None where it has none.

        Raises:
            KeyringProblem: It cannot be told.
        """
        if name not in self._known:
            value = await self._call(lambda backend: backend.get_password(SERVICE, name))
            self._known[name] = Secret(value) if isinstance(value, str) and value else None
        return self._known[name]

    async def write(self, name: str, secret: Secret) -> None:
        """Store the entry of an account, and read it back.

        Raises:
            KeyringProblem: It is not stored, or that cannot be told.
        """
        self._known.pop(name, None)

        def store(backend: Backend) -> bool:
            backend.set_password(SERVICE, name, secret.reveal())
            return backend.get_password(SERVICE, name) == secret.reveal()

        if not await self._call(store):
            raise KeyringProblem(
                Trouble.FAILED, f"{self.title} took the secret and does not have it"
            )
        self._known[name] = secret

    async def erase(self, name: str) -> bool:
        """Remove the entry of an account; tell whether there was one.

        Raises:
            KeyringProblem: It may still be there.
        """
        self._known.pop(name, None)

        def remove(backend: Backend) -> bool:
            if backend.get_password(SERVICE, name) is None:
                return False
            backend.delete_password(SERVICE, name)
            return True

        return await self._call(remove)

    @property
    def note(self) -> str:
        """What the user configured and is not in use; empty where there is nothing to say."""
        return self._picked.note if self._picked is not None else ""

    @property
    def problem(self) -> KeyringProblem | None:
        """Why it is not asked any more in this session; None while it is."""
        return self._down

    async def open(self) -> str:
        """Return what people call the keyring in use.

        Raises:
            KeyringProblem: There is none.
        """
        await self._call(lambda backend: None)
        return self.title or ""

    def forget(self, name: str) -> None:
        """Look an entry up afresh next time."""
        self._known.pop(name, None)

    def ask_again(self) -> None:
        """Try once more, although it failed before."""
        self._down = None
        self._known.clear()

    def carried(self) -> "Keyring":
        """Return the same keyring, and what is known of it, for another event loop."""
        return replace(self, _turn=asyncio.Lock())

    async def _call(self, work: Callable[[Backend], T]) -> T:
        # One at a time, so that a keyring that hangs is waited for once, not once an account.
        async with self._turn:
            if self._down is None:
                answer = await self._in_thread(work)
                if not isinstance(answer, KeyringProblem):
                    return answer
                if answer.trouble is Trouble.FAILED:
                    raise answer
                self._down = answer
            raise self._down.again()

    async def _in_thread(self, work: Callable[[Backend], T]) -> T | KeyringProblem:
        """Return what ``work`` returns or fails with; the thread is left behind if it hangs."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Any] = loop.create_future()

        def tell(answer: object) -> None:
            if not answered.done():
                answered.set_result(answer)

        def body() -> None:
            answer: object
            try:
                answer = work(self._open())
            except BaseException as error:  # noqa: BLE001 - a backend may raise anything
                answer = self._problem_of(error)
            with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(tell, answer)

        # Not a pool's thread: the interpreter would wait for that one at its end.
        threading.Thread(target=body, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self.seconds):
                answer: T | KeyringProblem = await answered
        except TimeoutError:
            return timed_out(self.seconds)
        return answer

    def _problem_of(self, error: BaseException) -> KeyringProblem:
        """Return what an exception means; a keyring that the user names bears its own blame."""
        problem = problem_of(error, self.environment)
        named = self._picked.named if self._picked is not None else None
        if named is not None and problem.trouble is Trouble.NO_BACKEND:
            return named.in_vain("which gives no access to any keyring here")
        return problem

    def _open(self) -> Backend:
        if self._picked is None:
            self._picked = self.pick(self.environment)
            self.title = self._picked.title
        return self._picked.backend
