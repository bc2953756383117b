"""What stands between Textual and the terminal: fewer bytes, and an orderly end."""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.driver import Driver

SWITCH: Final = "TUI_NUMBERS_DRIVER"
"""The environment variable that, set to ``plain``, has Textual's own stream sent unchanged."""


def driver_class_for(environ: Mapping[str, str] = os.environ) -> "type[Driver] | None":
    """The driver for ``App.driver_class``, or nothing where Textual should choose."""
    if sys.platform not in {"linux", "darwin"} or environ.get("TEXTUAL_DRIVER"):
        return None
    streams = (sys.__stdin__, sys.__stderr__)
    if not all(stream is not None and stream.isatty() for stream in streams):
        return None
    if environ.get(SWITCH) == "plain":
        from tui_numbers.ui.terminal.driver import LineAwareDriver

        return LineAwareDriver
    from tui_numbers.ui.terminal.driver import DiffingDriver

    return DiffingDriver


__all__ = ["SWITCH", "driver_class_for"]
