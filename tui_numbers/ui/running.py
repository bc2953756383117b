"""Running the dashboard from its first frame until every write is recorded."""

import asyncio
import os
from typing import TYPE_CHECKING, Any

from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.terminal import driver_class_for
from tui_numbers.ui.terminal.behind import StandingFrame, behind_frame

if TYPE_CHECKING:
    from tui_numbers.services.session import Session


def run_dashboard(session: "Session", *, standing: "StandingFrame | None" = None) -> int:
    """Run the dashboard until it is left; writes under way are recorded before this returns.

    ``standing`` is the frame that stands on the alternate screen already.

    Raises:
        ConfigError: The configuration cannot be used, as was found behind the first frame.
        Exception: Whatever nobody expected; the terminal is as it was before.
    """
    driver = driver_class_for(os.environ)
    behind = behind_frame(driver, standing) if driver and standing else driver
    app = asyncio.run(_run(session, behind))
    while app.next_session is not None:
        app = asyncio.run(_run(app.next_session, driver))
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


async def _run(session: "Session", driver: Any) -> Dashboard:
    app = Dashboard(session, driver)
    try:
        await app.run_async(mouse=True)
    finally:
        await app.writes.finish()
        await session.aclose()
    return app
