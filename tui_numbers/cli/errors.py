"""Map errors and outcomes to exit codes, and report an error in one line."""

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tui_numbers.cli.process import OutputLost, failure_of, prepare, say, silence

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Outcome


DONE = 0
NOT_DONE = 1
USAGE = 2
CREDENTIALS = 3
PARTLY = 4
UNKNOWN = 5
REFUSED = 6
INTERRUPTED = 130


def code_of_error(error: Exception) -> int:
    """Return the code of a command that this failure of one account ended."""
    from tui_numbers.providers.errors import (
        ConfigurationProblem,
        CredentialsRejected,
        NotOffered,
        SecretMissing,
    )

    if isinstance(error, CredentialsRejected | SecretMissing):
        return CREDENTIALS
    if isinstance(error, ConfigurationProblem):
        return USAGE
    return REFUSED if isinstance(error, NotOffered) else NOT_DONE


def code_of_failures(failures: Iterable[Exception]) -> int:
    """Return the code of a command for which every asked account failed."""
    codes = {code_of_error(failure) for failure in failures}
    return codes.pop() if len(codes) == 1 else NOT_DONE


def code_of_listing(
    asked: int, failures: Mapping[str, Exception], *, gave: bool, incomplete: bool = False
) -> int:
    """Return the code of a listing over ``asked`` accounts.

    ``gave`` tells whether anything was read all the same, ``incomplete`` whether something that
    should stand in it does not.
    """
    if failures and len(failures) == asked and not gave:
        return code_of_failures(failures.values())
    return PARTLY if failures or incomplete else DONE


def code_of_outcome(outcome: "Outcome") -> int:
    """Return the code of one operation."""
    match outcome.value:
        case "verified" | "unchanged" | "planned":
            return DONE
        case "unknown" | "pending":
            return UNKNOWN
        case "refused":
            return REFUSED
        case _:
            return NOT_DONE


def code_of_outcomes(codes: Iterable[int]) -> int:
    """Return the code of several operations: any open one, else mixed, else their common one."""
    different = set(codes)
    if UNKNOWN in different:
        return UNKNOWN
    if len(different) > 1:
        return PARTLY
    return different.pop() if different else DONE


STOPPED = "stopped; nothing further was sent"


class Interrupted(Exception):
    """A signal ended the command; ``signal`` is its number."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"signal {signal}")
        self.signal = signal


def run_to_exit_code(run: Callable[[], Any]) -> int:
    """Return the exit code of ``run``, having said on standard error what went wrong."""
    prepare()
    try:
        code = run()
    except BaseException as error:  # noqa: BLE001 - this is where everything ends
        code = _ended_by(error)
    code = code if isinstance(code, int) else DONE
    lost = failure_of(sys.stdout)
    if lost is None or isinstance(lost, BrokenPipeError):
        return code
    say(str(OutputLost(lost)))
    return code or NOT_DONE


def _ended_by(error: BaseException) -> int:
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else NOT_DONE
        case Interrupted():
            say(STOPPED)
            return 128 + error.signal
        case KeyboardInterrupt():
            say(STOPPED)
            return INTERRUPTED
        case BrokenPipeError():
            silence(sys.stdout)
            return DONE
        case OSError() if _came_from_echo(error):
            silence(sys.stdout)
            say(str(OutputLost(error)))
            return NOT_DONE
        case OutputLost():
            say(str(error))
            return NOT_DONE
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
            return INTERRUPTED
        case click.UsageError():
            command = error.ctx.command_path if error.ctx is not None else "tui-numbers"
            say(f"{error.format_message().removesuffix('.')} (see: {command} --help)")
            return USAGE
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
    from tui_numbers.services.input_parsing import InvalidInput
    from tui_numbers.services.paths import NoHome

    if isinstance(error, ProviderError):
        say(f"{error.account}: {error}" if error.account else str(error))
        return code_of_error(error)
    if isinstance(error, ConfigError | InvalidInput | NoHome):
        for line in str(error).splitlines():
            say(line)
        return USAGE
    if isinstance(error, JournalError):
        say(str(error))
        return NOT_DONE
    return _unexpected(error)


def _unexpected(error: Exception) -> int:
    from tui_numbers.services.containment import log_error

    say(f"the program failed: {type(error).__name__}; {log_error(error)}")
    return NOT_DONE
