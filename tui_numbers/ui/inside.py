"""What the parts of a dashboard reach it by."""

from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

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
