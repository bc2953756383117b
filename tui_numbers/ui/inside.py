"""What the parts of a dashboard reach it by."""

from typing import TYPE_CHECKING

from textual import on
from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState

if TYPE_CHECKING:
    from tui_numbers.ui.app import Dashboard


class InDashboard(MessagePump):
    """Mixed into screens and widgets that stand in a dashboard and nowhere else."""

    @property
    def dashboard(self) -> "Dashboard":
        """The app, by its own type."""
        from tui_numbers.ui.app import Dashboard

        app = self.app
        assert isinstance(app, Dashboard)
        return app

    @on(Worker.StateChanged)
    def _worker_ended(self, event: Worker.StateChanged) -> None:
        """Say what ended work behind the screen, which would look as if it went on."""
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self.dashboard.tell_failure(event.worker.error)
