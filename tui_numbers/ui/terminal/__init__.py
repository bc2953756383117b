"""Choose the terminal driver: the one that sends only changed cells, unless told otherwise."""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.driver import Driver

DRIVER_VARIABLE: Final = "TUI_NUMBERS_DRIVER"
"""The environment variable that, set to ``plain``, has Textual's own stream sent unchanged."""


def driver_class_for(environ: Mapping[str, str] = os.environ) -> "type[Driver] | None":
    """Return the driver for ``App.driver_class``, or None where Textual should choose."""
    if sys.platform not in {"linux", "darwin"} or environ.get("TEXTUAL_DRIVER"):
        return None
    streams = (sys.__stdin__, sys.__stderr__)
    if not all(stream is not None and stream.isatty() for stream in streams):
        return None
    if environ.get(DRIVER_VARIABLE) == "plain":
        from tui_numbers.ui.terminal.driver import LineAwareDriver

        return LineAwareDriver
    from tui_numbers.ui.terminal.driver import DiffingDriver

    return DiffingDriver


__all__ = ["DRIVER_VARIABLE", "driver_class_for"]
