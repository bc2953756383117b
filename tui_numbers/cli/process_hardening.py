"""Harden the process: no core dump, no tracing by others, no foreign settings of Textual."""

from __future__ import annotations

import os
import sys

# Loading typing takes as long as starting Python does, and the first frame waits for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

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
