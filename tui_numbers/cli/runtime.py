"""Run the work of a command: open its session, run its event loop, handle Ctrl+C."""

import asyncio
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

import click

from tui_numbers.cli.errors import Interrupted
from tui_numbers.cli.global_flags import Flags
from tui_numbers.cli.options import NUMBERS_NEED_DEMO
from tui_numbers.cli.terminal import Notices, can_ask
from tui_numbers.domain.accounts import Account, Secret, secret_text
from tui_numbers.services.config import ConfigError
from tui_numbers.services.keyring import Trouble
from tui_numbers.services.secrets import Secrets
from tui_numbers.services.session import Session, open_session
from tui_numbers.wording.cells import shown

if TYPE_CHECKING:
    from tui_numbers.providers.pacing import Waiting


Handler = Callable[[int, FrameType | None], object] | int | None
"""A signal handler, as ``signal.signal`` takes and returns it."""

_SHORTEST_REPORTED_WAIT = 1.0
"""The shortest wait in seconds that gets a line where there is no status line."""

_SIGNALS_TO_CANCEL = 3
"""The number of signals that cancels even a write under way."""

_NO_ACCOUNT = """\
no account is configured. Three ways on:
  look around first:   tui-numbers --demo list
  add an account:      tui-numbers accounts add NAME --provider PROVIDER FIELD=VALUE
  write it yourself:   """


@dataclass
class Signals:
    """Handle Ctrl+C and other signals to end: cancel at once, or after the write under way."""

    received: int = 0
    _count: int = 0
    _on_signal: Callable[[int], None] | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _task: "asyncio.Task[int] | None" = None
    _before: dict[int, Handler] = field(default_factory=dict)

    @contextlib.contextmanager
    def held(self, on_signal: Callable[[int], None]) -> Iterator[None]:
        """While the block runs, tell ``on_signal`` how many signals came; the third ends all."""
        self._on_signal = on_signal
        try:
            yield
        finally:
            self._on_signal = None

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """While the block runs, Ctrl+C interrupts a question at once."""
        own = signal.getsignal(signal.SIGINT) if self._before else None
        if own is not None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            yield
        finally:
            if own is not None:
                signal.signal(signal.SIGINT, own)

    def run(self, work: Callable[[], Awaitable[int]]) -> int:
        """Run ``work`` to its end.

        Raises:
            Interrupted: A signal ended it.
        """

        async def whole() -> int:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.current_task()
            with self._waking(self._loop):
                return await work()

        try:
            with self._installed(), asyncio.Runner() as runner:
                code = runner.run(whole())
        except asyncio.CancelledError:
            if not self.received:
                raise
            code = 0
        if self.received:
            raise Interrupted(self.received)
        return code

    @contextlib.contextmanager
    def _installed(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # A signal that is ignored, as by nohup, stays so.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)
        try:
            yield
        finally:
            for number, handler in self._before.items():
                signal.signal(number, handler)
            self._before.clear()

    @contextlib.contextmanager
    def _waking(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Let a signal wake the loop, which else may sleep on until something else happens.

        One that comes between Python's last look for signals and the wait for the network is
        handled after that wait alone.
        """
        if not self._before or not isinstance(loop, asyncio.SelectorEventLoop):
            yield
            return
        reader, writer = socket.socketpair()
        with reader, writer:
            reader.setblocking(False)
            writer.setblocking(False)
            loop.add_reader(reader, reader.recv, 4096)
            before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
            try:
                yield
            finally:
                signal.set_wakeup_fd(before)
                loop.remove_reader(reader)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        self._count += 1
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._act)

    def _act(self) -> None:
        if self._on_signal is not None and self._count < _SIGNALS_TO_CANCEL:
            self._on_signal(self._count)
        elif self._task is not None:
            self._task.cancel()


@dataclass
class Job:
    """The context of a command's work: flags, session, notices and signals."""

    flags: Flags
    session: Session
    notices: Notices
    signals: Signals

    def ask(self, question: str) -> str:
        """Ask a person for a line; empty where the input ends."""
        self.notices.clear()
        with self.signals.asking():
            click.echo(shown(question), nl=False, err=True)
            line = sys.stdin.readline()
        if not line:
            click.echo(err=True)
        return line.strip()


def run(flags: Flags, work: Callable[[Job], Awaitable[int]], *, need_accounts: bool = True) -> int:
    """Run ``work`` over a session, and return the exit code that it ends with."""
    notices, signals = Notices(), Signals()
    session = _open_session(flags, notices, signals, need_accounts=need_accounts)

    async def whole() -> int:
        try:
            if need_accounts:
                await session.find_secrets()
            return await work(Job(flags, session, notices, signals))
        finally:
            notices.clear()
            await session.aclose()

    return signals.run(whole)


def _open_session(
    flags: Flags,
    notices: Notices | None = None,
    signals: Signals | None = None,
    *,
    need_accounts: bool = True,
) -> Session:
    """Open the session that the global options ask for.

    Raises:
        ConfigError: The configuration cannot be used as it is, or has no account.
        InvalidInput: An account is named that there is not.
    """
    notices = notices or Notices()
    if flags.numbers is not None and not flags.demo:
        raise click.UsageError(NUMBERS_NEED_DEMO)
    session = open_session(
        demo=flags.demo,
        numbers=flags.numbers,
        accounts=(flags.accounts or None) if need_accounts else None,
        read_only=flags.read_only,
        on_waiting=_wait_reporter(notices),
        timing=flags.timing,
    )
    secrets = session.workspace.secrets
    if not flags.demo and can_ask():
        secrets.ask = _secret_prompt(notices, signals or Signals(), secrets)
    for name, reason in session.workspace.provider_failures.items():
        notices.say(f"provider {name} is not in use: {reason}")
    for warning in session.workspace.warnings:
        notices.say(f"warning: {warning}")
    if session.config.problems:
        raise ConfigError("\n".join(session.config.problems))
    if need_accounts and not session.workspace.accounts:
        raise ConfigError(f"{_NO_ACCOUNT}{session.paths.config_file}")
    return session


def _wait_reporter(notices: Notices) -> "Callable[[Waiting], None]":
    def told(waiting: "Waiting") -> None:
        text = f"{waiting.account}: waiting {waiting.seconds:.0f} s: {waiting.reason}"
        if notices.live:
            notices.status(text)
        elif waiting.seconds >= _SHORTEST_REPORTED_WAIT:
            notices.once(f"{waiting.account}: waiting: {waiting.reason}")

    return told


def _secret_prompt(
    notices: Notices, signals: Signals, secrets: Secrets
) -> Callable[[Account], Awaitable[Secret | None]]:
    async def ask(account: Account) -> Secret | None:
        problem = secrets.keyring.problem if secrets.keyring is not None else None
        if problem is not None and problem.trouble is not Trouble.NO_BACKEND:
            notices.once(f"{problem.message}, so it is not asked again in this run")
        return ask_secret(f"Secret of account {account.name} (for this run; Enter skips it)")

    def ask_secret(question: str) -> Secret | None:
        notices.clear()
        with signals.asking():
            typed: str = click.prompt(
                question, hide_input=True, default="", show_default=False, err=True
            )
        secret = secret_text(typed)
        return Secret(secret) if secret else None

    return ask
