"""Find an account's secret (environment, command, keyring, typed), and keep it for next time."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tui_numbers.domain.accounts import SECRET_VARIABLES, Account, Secret, secret_text
from tui_numbers.providers.errors import SecretMissing
from tui_numbers.services.containment import contained
from tui_numbers.services.kernel_keyring import KernelKeyring
from tui_numbers.services.keyring import HEADLESS_RECIPE, Keyring, KeyringProblem

_COMMAND_SECONDS = 20.0
_LONGEST_SECRET = 4096

TYPED = "typed for this session"
KERNEL = "typed earlier (session_cache)"

Ask = Callable[[Account], Awaitable[Secret | None]]
"""Asks a person for a secret for this session; None where nobody answers."""


@dataclass
class Secrets:
    """Finds each account's secret once a session."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    ask: Ask | None = None
    keyring: Keyring | None = None
    kernel: KernelKeyring | None = None
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

    async def expected(self, account: Account) -> str | None:
        """Say where the secret will come from, running no command; None where nowhere is set.

        Raises:
            KeyringProblem: It would be looked for in a keyring that cannot be used.
        """
        if account.name in self._known:
            return self._known[account.name][1]
        if place := self.overriding(account):
            return place
        found = await self._kept(account)
        return found[1] if found else None

    def overriding(self, account: Account) -> str | None:
        """Name the place that goes before every keyring where it is set: variable, then command."""
        if self._variable(account):
            return f"environment ({account.secret_variable})"
        if account.secret_command is not None:
            return f"secret_command ({account.secret_command[0]})"
        return None

    def hold(self, account: Account, secret: Secret) -> None:
        """Keep a secret that was typed, until the program ends."""
        self._known[account.name] = (secret, TYPED)

    def forget(self, account: Account) -> None:
        """Look the secret up afresh next time."""
        self._known.pop(account.name, None)
        if self.keyring is not None:
            self.keyring.forget(account.name)

    def typed(self, account: Account) -> Secret | None:
        """Return a secret that was typed in this session."""
        known = self._known.get(account.name)
        return known[0] if known is not None and known[1] == TYPED else None

    def learn(self, account: Account, *, works: bool) -> None:
        """Keep a typed secret that works for as long as the account says; drop one that does not.

        This is for what the provider has said of it, so that a slip of the fingers is not kept.
        """
        known = self._known.get(account.name)
        if known is None or self.kernel is None or account.session_cache_seconds is None:
            return
        if works and known[1] == TYPED:
            self.kernel.write(account.name, known[0], account.session_cache_seconds)
        elif not works and known[1] in (TYPED, KERNEL):
            self.kernel.erase(account.name)

    async def _search(self, account: Account) -> tuple[Secret, str]:
        problem: KeyringProblem | None = None
        with contained(account.name):
            if place := self.overriding(account):
                value = self._variable(account)
                return Secret(value) if value else await run_secret_command(account), place
            try:
                if found := await self._kept(account):
                    return found
            except KeyringProblem as error:
                problem = error
        if self.ask is not None:
            typed = await self.ask(account)
            if typed:
                return typed, TYPED
        why = problem.message if problem is not None else self.keyring.note if self.keyring else ""
        why = f" ({why})" if why else ""
        raise SecretMissing(
            f"no secret for account {account.name}{why}",
            account=account.name,
            hint=f"export {account.secret_variable}=…, or see: "
            f"tui-numbers accounts set-secret {account.name}",
        )

    async def _kept(self, account: Account) -> tuple[Secret, str] | None:
        """Look in the keyring, then among what was typed in an earlier run."""
        problem: KeyringProblem | None = None
        if self.keyring is not None:
            try:
                if secret := await self.keyring.read(account.name):
                    return secret, f"keyring ({self.keyring.title})"
            except KeyringProblem as error:
                problem = error
        if self.kernel is not None and account.session_cache_seconds is not None:
            typed = self.kernel.read(account.name)
            if typed:
                return typed, KERNEL
        if problem is not None:
            raise problem
        return None

    def _variable(self, account: Account) -> str:
        return secret_text(self.environment.get(account.secret_variable, ""))


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a secret."""

    where: str | None = None
    """The place that keeps it, in words; None where it is not kept."""
    problem: KeyringProblem | None = None
    """Why the keyring does not have it."""
    instead: str | None = None
    """The place that goes before all others and is used instead."""
    note: str = ""
    """What the user configured of keyrings and is not in use."""


async def keep_secret(secrets: Secrets, account: Account, secret: Secret) -> Kept:
    """Keep a secret that works: in the keyring, else in the kernel where the account says so."""
    instead = secrets.overriding(account)
    problem: KeyringProblem | None = None
    if secrets.keyring is not None:
        try:
            await secrets.keyring.write(account.name, secret)
        except KeyringProblem as error:
            problem = error
        else:
            if secrets.kernel is not None:
                secrets.kernel.erase(account.name)
            where = f"keyring ({secrets.keyring.title})"
            return Kept(where, instead=instead, note=secrets.keyring.note)
    seconds = account.session_cache_seconds
    if (
        seconds
        and secrets.kernel is not None
        and secrets.kernel.write(account.name, secret, seconds)
    ):
        return Kept(f"kernel keyring, for {_words(seconds)}", problem, instead)
    return Kept(None, problem, instead)


async def drop_secret(secrets: Secrets, name: str) -> bool:
    """Remove what is kept of an account; tell whether the keyring had an entry.

    Raises:
        KeyringProblem: Its entry may still be in the keyring.
    """
    if secrets.kernel is not None:
        secrets.kernel.erase(name)
    return secrets.keyring is not None and await secrets.keyring.erase(name)


async def move_secret(secrets: Secrets, account: Account, new: str) -> bool:
    """Give the keyring's entry another name; tell whether there was one.

    Raises:
        KeyringProblem: The entry under the new name, or the loss of the old one, is uncertain.
    """
    if secrets.kernel is not None:
        kept = secrets.kernel.read(account.name)
        if kept is not None and account.session_cache_seconds:
            secrets.kernel.write(new, kept, account.session_cache_seconds)
        secrets.kernel.erase(account.name)
    if secrets.keyring is None:
        return False
    secret = await secrets.keyring.read(account.name)
    if secret is None:
        return False
    await secrets.keyring.write(new, secret)
    return await secrets.keyring.erase(account.name)


def ways_to_supply(account: Account, keyring: Keyring | None, *, kernel: bool) -> list[str]:
    """Return every way to supply an account's secret, as lines to follow to the letter."""
    variable = account.secret_variable
    section = f"[accounts.{account.name}]"
    lines = [
        "- in this shell:",
        f"    read -rs {variable}; export {variable}",
        f"- from a password store, under {section} in the configuration:",
        f'    secret_command = ["pass", "show", "{account.name}"]',
    ]
    if kernel and account.session_cache_seconds is None:
        lines += [
            f"- typed once in eight hours, held by the kernel, under {section}:",
            '    session_cache = "8h"',
        ]
    if keyring is not None:
        lines += [
            "- an encrypted keyring in a shell of its own (packages gnome-keyring and dbus):",
            f"    {HEADLESS_RECIPE}",
            f"    tui-numbers accounts set-secret {account.name}",
            "- one at every login, under systemd (package dbus-user-session too):",
            "    systemctl --user enable --now gnome-keyring-daemon.socket",
            "- any other keyring: export PYTHON_KEYRING_BACKEND=MODULE.CLASS",
        ]
    return lines


def _words(seconds: int) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


@contextlib.contextmanager
def secrets_withheld() -> Iterator[None]:
    """Leave every account's secret out of the environment, for what starts a program by itself."""
    withheld = {name: os.environ.pop(name) for name in set(os.environ) - set(child_environment())}
    try:
        yield
    finally:
        os.environ.update(withheld)


def child_environment() -> dict[str, str]:
    """Return the environment for other programs: without any account's secret."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(SECRET_VARIABLES)
    }


async def run_secret_command(account: Account) -> Secret:
    """Return the first line that the account's ``secret_command`` prints.

    Raises:
        SecretMissing: It fails, or prints nothing.
    """
    assert account.secret_command is not None
    try:
        process = await asyncio.create_subprocess_exec(
            *account.secret_command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=child_environment(),
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds a character that no command may"
        raise _missing(account, f"cannot be started: {reason}") from None
    try:
        async with asyncio.timeout(_COMMAND_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        output = None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if output is None:
        raise _missing(account, f"did not end within {_COMMAND_SECONDS:.0f} s")
    line = secret_text(output[:_LONGEST_SECRET].decode(errors="replace").partition("\n")[0])
    if process.returncode != 0:
        raise _missing(account, f"ended with code {process.returncode}")
    if not line:
        raise _missing(account, "printed nothing")
    return Secret(line)


def _missing(account: Account, problem: str) -> SecretMissing:
    program = account.secret_command[0] if account.secret_command else ""
    return SecretMissing(
        f"secret_command of account {account.name} ({program}) {problem}",
        account=account.name,
        hint="run it by hand to see why",
    )
