"""The last line of defence: every way a command can end, as one line and an exit code."""

import contextlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import exits
from tui_numbers.domain.text import clean

if TYPE_CHECKING:
    from pathlib import Path

STOPPED = "stopped; nothing further was sent"


class Interrupted(Exception):
    """A signal ended the command; ``signal`` is its number."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"signal {signal}")
        self.signal = signal


def guarded(run: Callable[[], Any]) -> int:
    """Return the exit code of ``run``, having said on standard error what went wrong."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A locale that cannot write a character gets its escape, rather than an error.
            reconfigure(errors="backslashreplace")
    try:
        code = run()
    except BaseException as error:  # noqa: BLE001 - this is where everything ends
        code = _ended_by(error)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    return code if isinstance(code, int) else exits.DONE


def _ended_by(error: BaseException) -> int:
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else exits.NOT_DONE
        case Interrupted():
            _say(STOPPED)
            return 128 + error.signal
        case click.Abort() | KeyboardInterrupt():
            _say(STOPPED)
            return exits.INTERRUPTED
        case click.UsageError():
            command = error.ctx.command_path if error.ctx is not None else "tui-numbers"
            _say(f"{_without_stop(error.format_message())} (see: {command} --help)")
            return exits.USAGE
        case click.ClickException():
            _say(error.format_message())
            return error.exit_code
        case BrokenPipeError():
            quiet_stdout()
            return exits.DONE
        case Exception():
            return _known(error)
        case _:
            raise error


def _without_stop(message: str) -> str:
    return message.removesuffix(".")


def _known(error: Exception) -> int:
    """Say an error of the program's own tree in its words; log any other."""
    from tui_numbers.providers.errors import ProviderError
    from tui_numbers.services.config import ConfigError
    from tui_numbers.services.values import InvalidInput

    if isinstance(error, ProviderError):
        _say(f"{error.account}: {error}" if error.account else str(error))
        return exits.of_error(error)
    if isinstance(error, ConfigError | InvalidInput):
        for line in str(error).splitlines():
            _say(line)
        return exits.USAGE
    if type(error).__name__ == "JournalError":
        _say(str(error))
        return exits.NOT_DONE
    return _unexpected(error)


def _unexpected(error: Exception) -> int:
    from tui_numbers.services.paths import Paths

    path = Paths.of_user().log
    try:
        _log(path, error)
    except OSError as problem:
        where = f"and {path} cannot be written ({problem.strerror})"
    else:
        where = f"the details are in {path}"
    _say(f"the program failed: {type(error).__name__}; {where}")
    return exits.NOT_DONE


def _log(path: "Path", error: Exception) -> None:
    import traceback
    from datetime import UTC, datetime

    from tui_numbers import __version__

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"{datetime.now(UTC).isoformat()} tui-numbers {__version__}\n")
        # Whoever shows the file on a terminal should see text and nothing else.
        lines = "".join(traceback.format_exception(error)).split("\n")
        log.write("\n".join(map(clean, lines)))


def quiet_stdout() -> None:
    """Send further output nowhere, since its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(clean(text), err=True)
