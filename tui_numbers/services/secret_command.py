"""Running an account's ``secret_command``: no shell, a deadline, and its output never shown."""

import asyncio
import contextlib
import os
from collections.abc import Iterator

from tui_numbers.domain.accounts import SECRET_VARIABLES, Account
from tui_numbers.domain.secret import Secret, secret_text
from tui_numbers.providers.errors import SecretMissing

_SECONDS = 20.0
_LONGEST_SECRET = 4096


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
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        output = None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if output is None:
        raise _missing(account, f"did not end within {_SECONDS:.0f} s")
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
