"""The first line: whose numbers, which view, and what to beware of."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui_numbers.ui.text import content, fit, measure

if TYPE_CHECKING:
    from tui_numbers.services.session import Session

_VIEWS = (("owned", "1 Owned"), ("available", "2 Available"), ("history", "3 History"))


class TitleBar(Widget):
    """Name, scope, views and badges on one line."""

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's own declaration
        "title-bar--name",
        "title-bar--view",
        "title-bar--danger",
    }

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._scope = scope_of(session)
        self._badges = badges_of(session)
        self._view = "owned"

    def show_view(self, view: str) -> None:
        """Mark the view that is open."""
        if view != self._view:
            self._view = view
            self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        style = {
            part: self.get_visual_style(f"title-bar--{part}") for part in ("name", "view", "danger")
        }
        width = self.size.width
        # Where a part's own style says reverse, Textual leaves it out.
        danger = "bold reverse" if self.app.no_color else style["danger"]
        badges = [
            content(f" {badge} ").stylize(danger if badge == "PRODUCTION" else "bold reverse")
            for badge in self._badges
        ]
        views = Content("  ").join(
            Content.styled(label, style["view"]) if key == self._view else Content(label)
            for key, label in _VIEWS
        )
        right = Content("  ").join([views, *badges]) + Content(" ")
        name = " tui-numbers  "
        room = max(0, width - measure(name) - right.cell_length - 2)
        names = fit(self._scope, min(room, measure(self._scope)))
        gap = " " * max(1, width - measure(name) - measure(names) - right.cell_length)
        return Content.styled(name, style["name"]) + Content(names + gap) + right


def scope_of(session: "Session") -> str:
    """Return which accounts are in use."""
    accounts = session.accounts
    chosen = len(session.config.accounts) not in (0, len(accounts))
    names = ", ".join(account.name for account in accounts)
    return names if chosen or len(accounts) == 1 else "all accounts"


def badges_of(session: "Session") -> tuple[str, ...]:
    """Return what to beware of."""
    production = any(account.production for account in session.accounts)
    flags = (
        ("DEMO", session.demo),
        ("READ-ONLY", session.read_only),
        ("PRODUCTION", production),
    )
    return tuple(badge for badge, shown in flags if shown)
