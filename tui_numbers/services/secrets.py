"""Where an account's secret comes from, in the order that the README states."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.secret import Secret
from tui_numbers.providers.errors import SecretMissing

_COMMAND_SECONDS = 20.0
_LONGEST_SECRET = 4096

Ask = Callable[[Account], Awaitable[Secret | None]]
"""Asks a person for a secret for this session; None where nobody answers."""


@dataclass
class Secrets:
    """Finds each account's secret once a session."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    ask: Ask | None = None
    _known: dict[str, tuple[Secret, str]] = field(default_factory=dict, repr=False)

    async def find(self, account: Account) -> Secret:
        """Return the account's secret.

        Raises:
            SecretMissing: No place has one; the hint says where to put it.
        """
        if account.name not in self._known:
            self._known[account.name] = await self._search(account)
        return self._known[account.name][0]

    def source(self, account: Account) -> str:
        """Say where a secret that was found came from."""
        known = self._known.get(account.name)
        return known[1] if known else "not looked up"

    def expected(self, account: Account) -> str | None:
        """Say where the secret will come from, without looking it up; None where nowhere is set."""
        if account.name in self._known:
            return self._known[account.name][1]
        variable = account.secret_variable
        if self.environment.get(variable, "").strip():
            return f"environment ({variable})"
        if account.secret_command is not None:
            return f"secret_command ({account.secret_command[0]})"
        return None

    def hold(self, account: Account, secret: Secret) -> None:
        """Keep a secret that was typed, until the program ends."""
        self._known[account.name] = (secret, "typed for this session")

    def forget(self, account: Account) -> None:
        """Look the secret up afresh next time."""
        self._known.pop(account.name, None)

    async def _search(self, account: Account) -> tuple[Secret, str]:
        variable = account.secret_variable
        if value := self.environment.get(variable, "").strip():
            return Secret(value), f"environment ({variable})"
        if account.secret_command is not None:
            return await _run(account), f"secret_command ({account.secret_command[0]})"
        if self.ask is not None:
            typed = await self.ask(account)
            if typed:
                return typed, "typed for this session"
        raise SecretMissing(
            f"no secret for account {account.name}",
            account=account.name,
            hint=f"export {variable}=…, or set secret_command in the configuration",
        )


async def _run(account: Account) -> Secret:
    """Return the first line that the account's ``secret_command`` prints."""
    assert account.secret_command is not None
    program = account.secret_command[0]
    problem = ""
    try:
        process = await asyncio.create_subprocess_exec(
            *account.secret_command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        problem = f"cannot be started: {error.strerror}"
    else:
        try:
            async with asyncio.timeout(_COMMAND_SECONDS):
                output, _ = await process.communicate()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            problem = f"did not end within {_COMMAND_SECONDS:.0f} s"
        else:
            line = output[:_LONGEST_SECRET].decode(errors="replace").partition("\n")[0].strip()
            if process.returncode == 0 and line:
                return Secret(line)
            problem = f"ended with code {process.returncode}" if line else "printed nothing"
    raise SecretMissing(
        f"secret_command of account {account.name} ({program}) {problem}",
        account=account.name,
        hint="run it by hand to see why",
    )
