"""The last line of defence: every way a command can end, as one line and an exit code."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_numbers.cli import exits
from tui_numbers.cli.streams import OutputLost, failure_of, prepare, say, silence

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
    prepare()
    try:
        code = run()
    except BaseException as error:  # noqa: BLE001 - this is where everything ends
        code = _ended_by(error)
    code = code if isinstance(code, int) else exits.DONE
    lost = failure_of(sys.stdout)
    if lost is None or isinstance(lost, BrokenPipeError):
        return code
    say(str(OutputLost(lost)))
    return code or exits.NOT_DONE


def _ended_by(error: BaseException) -> int:
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else exits.NOT_DONE
        case Interrupted():
            say(STOPPED)
            return 128 + error.signal
        case KeyboardInterrupt():
            say(STOPPED)
            return exits.INTERRUPTED
        case BrokenPipeError():
            silence(sys.stdout)
            return exits.DONE
        case OSError() if _came_from_echo(error):
            silence(sys.stdout)
            say(str(OutputLost(error)))
            return exits.NOT_DONE
        case OutputLost():
            say(str(error))
            return exits.NOT_DONE
        case Exception():
            # The dashboard starts without click, and nothing of click's comes where it is not.
            code = _of_click(error) if "click" in sys.modules else None
            return _known(error) if code is None else code
        case _:
            raise error


def _of_click(error: Exception) -> int | None:
    """Say what click found wrong with the command line; None where it is not click's."""
    import click

    match error:
        case click.Abort():
            say(STOPPED)
            return exits.INTERRUPTED
        case click.UsageError():
            command = error.ctx.command_path if error.ctx is not None else "tui-numbers"
            say(f"{error.format_message().removesuffix('.')} (see: {command} --help)")
            return exits.USAGE
        case click.ClickException():
            say(error.format_message())
            return error.exit_code
        case _:
            return None


def _came_from_echo(error: OSError) -> bool:
    """Tell a stream that takes nothing, as help or a question found it, from any file's trouble."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_globals.get("__name__") == "click.utils"


def _known(error: Exception) -> int:
    """Say an error of the program's own tree in its words; log any other."""
    from tui_numbers.domain.operations import JournalError
    from tui_numbers.providers.errors import ProviderError
    from tui_numbers.services.config import ConfigError
    from tui_numbers.services.paths import NoHome
    from tui_numbers.services.values import InvalidInput

    if isinstance(error, ProviderError):
        say(f"{error.account}: {error}" if error.account else str(error))
        return exits.of_error(error)
    if isinstance(error, ConfigError | InvalidInput | NoHome):
        for line in str(error).splitlines():
            say(line)
        return exits.USAGE
    if isinstance(error, JournalError):
        say(str(error))
        return exits.NOT_DONE
    return _unexpected(error)


def _unexpected(error: Exception) -> int:
    from tui_numbers.services.paths import NoHome, Paths

    path = None
    try:
        path = Paths.of_user().log
        _log(path, error)
    except NoHome:
        where = "there is no home directory to keep the details in"
    except OSError as problem:
        where = f"and {path} cannot be written ({problem.strerror})"
    else:
        where = f"the details are in {path}"
    say(f"the program failed: {type(error).__name__}; {where}")
    return exits.NOT_DONE


def _log(path: "Path", error: Exception) -> None:
    import traceback

    from tui_numbers import __version__
    from tui_numbers.domain import clock
    from tui_numbers.domain.text import clean

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"{clock.now().isoformat()} tui-numbers {__version__}\n")
        # Whoever shows the file on a terminal should see text and nothing else.
        lines = "".join(traceback.format_exception(error)).split("\n")
        log.write("\n".join(map(clean, lines)))
