"""Run the dashboard over its startup frame: choose its terminal driver, finish every write."""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from tui_numbers.ui.app import Dashboard

if TYPE_CHECKING:
    from textual.driver import Driver

    from tui_numbers.services.session import Session


_ENTER = "\x1b[?1049h"


class StandingFrame(Protocol):
    """The startup frame, drawn on the terminal before there was a driver."""

    found: list[Any] | None
    """The terminal's attributes before the frame, which the driver is to restore."""
    shown: bool
    """Whether whoever drew it has to take it away."""


def attach_to_frame(driver: "type[Driver]", standing: StandingFrame) -> "type[Driver]":
    """Return a driver that takes over the alternate screen as it stands, and blanks nothing."""

    class Behind(driver):  # type: ignore[misc, valid-type]
        _entered = False

        def start_application_mode(self) -> None:
            super().start_application_mode()
            if standing.shown and standing.found is not None:
                self.attrs_before = standing.found
            # The driver gives the terminal back itself from here on.
            standing.shown = False

        def _send(self, data: str) -> Any:
            if not self._entered and _ENTER in data:
                self._entered = True
                data = data.replace(_ENTER, "", 1)
            return super()._send(data)

    Behind.__name__ = driver.__name__
    return Behind


def run_dashboard(session: "Session", *, standing: "StandingFrame | None" = None) -> int:
    """Run the dashboard until it is left; writes under way are recorded before this returns.

    ``standing`` is the frame that stands on the alternate screen already.

    Raises:
        ConfigError: The configuration cannot be used, as was found behind the first frame.
        Exception: Whatever nobody expected; the terminal is as it was before.
    """
    driver = driver_class_for(os.environ)
    behind = attach_to_frame(driver, standing) if driver and standing else driver
    app = asyncio.run(_run(session, behind))
    while app.next_session is not None:
        app = asyncio.run(_run(app.next_session, driver))
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


async def _run(session: "Session", driver: Any) -> Dashboard:
    app = Dashboard(session, driver)
    try:
        await app.run_async(mouse=session.config.ui.mouse)
    finally:
        await app.writes.finish()
        await app.preferences.finish()
        await session.aclose()
    return app


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
