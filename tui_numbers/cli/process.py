"""Prepare the process: its streams, no core dump, no tracing by others."""

from __future__ import annotations

import os
import sys

from tui_numbers.domain.text import HANDLER, clean

# Loading typing takes as long as starting Python does, and the first frame waits for it.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any


class OutputLost(Exception):
    """Standard output cannot be written any more; the text says why."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output cannot be written: {error.strerror or error}")


def prepare() -> None:
    """Open standard streams that are closed, and replace characters that an encoding lacks."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the next file or connection would be taken for the stream.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=HANDLER)


def say(text: str) -> None:
    """Write a line to standard error; a lost reader is no error."""
    control(f"{clean(text)}\n")


def control(sequence: str) -> None:
    """Write a control sequence to standard error; a lost reader is no error."""
    try:
        sys.stderr.write(sequence)
        sys.stderr.flush()
    except (OSError, ValueError):
        silence(sys.stderr)


def silence(stream: Any) -> None:
    """Redirect a stream to the null device, since its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
        # What was held back would fail once more, at the very end.
        stream.flush()
    except (OSError, ValueError):
        pass
    os.close(nowhere)


def failure_of(stream: Any) -> OSError | None:
    """Flush a stream; return why that failed, after silencing it, or None."""
    try:
        stream.flush()
    except OSError as error:
        silence(stream)
        return error
    except ValueError:
        return None
    return None


def is_unicode(stream: Any) -> bool:
    """Tell whether the encoding of a stream has every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


DEVELOPMENT = "TUI_NUMBERS_DEVELOPMENT"
"""The variable that, set to 1, leaves the development switches of Textual and debuggers on."""


_KEPT_VARIABLES = frozenset(
    f"TEXTUAL_{name}"
    for name in (
        "ANIMATIONS", "COLOR_SYSTEM", "DIM_FACTOR", "DISABLE_KITTY_KEY", "FILTERS", "FPS",
        "SMOOTH_SCROLL", "SPEEDUPS", "THEME",
    )
)  # fmt: skip
"""Variables of Textual that are kept; the others log or press keys, or load code."""


_PR_SET_DUMPABLE = 4


def is_development(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the program runs in development mode."""
    return environ.get(DEVELOPMENT) == "1"


def tidy_environment(environ: MutableMapping[str, str]) -> None:
    """Remove variables that have Textual log keys, or draw for a wrong size of the terminal."""
    unwanted = {"COLUMNS", "LINES"}
    if not is_development(environ):
        unwanted |= {
            name for name in environ if name.partition("_")[0] == "TEXTUAL"
        } - _KEPT_VARIABLES
    for name in unwanted:
        environ.pop(name, None)


def no_core_file() -> None:
    """Disable core dumps, which would write secrets from memory to a disk."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    except (ImportError, OSError, ValueError):
        return


def refuse_tracing() -> None:
    """Keep other programs of this user from reading secrets in memory by ptrace (Linux)."""
    if sys.platform != "linux" or is_development():
        return
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return
