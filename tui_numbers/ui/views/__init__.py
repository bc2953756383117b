"""List the views of the dashboard: their keys, names, footers, and what makes each of them.

A view is one line of ``VIEWS``: its key, its tab, its line in help and palette follow from it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_numbers.ui.host import Host, View


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """One view: how it is called, and how it is made when it is first opened."""

    id: str
    key: str
    """As Textual names it."""
    name: str
    short: str
    """Its name in the title where the names of all views have no room."""
    help: str
    verbs: tuple[str, ...]
    """The actions in its footer, by id."""
    make: "Callable[[Host], View]"
    opens: str = ""
    """What Enter shows; the details of the row where it is empty."""


# Each imports its view when it is called, since the first frame shows none but the first.
def _owned(host: "Host") -> "View":
    from tui_numbers.ui.views.owned import OwnedView

    return OwnedView(host.session, host.operations_of)


def _available(host: "Host") -> "View":
    from tui_numbers.ui.views.available import AvailableView

    return AvailableView(host.session)


def _history(host: "Host") -> "View":
    from tui_numbers.ui.views.history import HistoryView

    return HistoryView(host.session.writer)


def _targets(host: "Host") -> "View":
    from tui_numbers.ui.views.targets import TargetsView

    return TargetsView(host.session)


def _routes(host: "Host") -> "View":
    from tui_numbers.ui.views.routes import RoutesView

    return RoutesView(host.session)


def _overview(host: "Host") -> "View":
    from tui_numbers.ui.views.overview import OverviewView

    return OverviewView(host.session)


# fmt: off - one view a line, as far as lines hold them
_TABLE: Final = (
    ViewSpec(
        "owned",
        "1",
        "Owned",
        "Owned",
        "Owned numbers",
        (
            "table.open",
            "number.retarget",
            "number.edit",
            "view.filter",
            "number.undo",
            "app.help",
            "app.commands",
        ),
        _owned,
    ),
    ViewSpec(
        "available",
        "2",
        "Available",
        "Stock",
        "Search numbers to buy",
        (
            "stock.choose",
            "stock.buy",
            "stock.basket",
            "stock.more",
            "stock.search",
            "view.filter",
            "view.sort",
            "app.help",
        ),
        _available,
    ),
    ViewSpec(
        "history",
        "3",
        "History",
        "Hist",
        "What was changed, and how it ended",
        (
            "number.undo",
            "history.settle",
            "history.resume",
            "view.filter",
            "view.sort",
            "app.help",
            "app.commands",
        ),
        _history,
    ),
    ViewSpec(
        "targets",
        "4",
        "Targets",
        "Targ",
        "Where numbers point, and how many of them",
        ("table.open", "number.retarget", "view.filter", "view.sort", "app.help", "app.commands"),
        _targets,
        "numbers",
    ),
    ViewSpec(
        "routes",
        "5",
        "Routes",
        "Routes",
        "Saved routes, and how each stands",
        (
            "table.open",
            "route.apply",
            "route.rehearse",
            "route.revert",
            "view.filter",
            "app.help",
            "app.commands",
        ),
        _routes,
    ),
    ViewSpec(
        "overview",
        "0",
        "Overview",
        "",
        "Counts, costs, what is wrong, what was changed",
        ("table.open", "view.filter", "view.refresh", "app.help", "app.commands"),
        _overview,
        "numbers",
    ),
)
# fmt: on

VIEWS: Final = {view.id: view for view in _TABLE}
"""By their ids, in the order of the title."""

FIRST: Final = "owned"
"""The view that stands there at the start, and to which Escape leads back."""

PREVIOUS: Final = "-"
"""Stands for the view that was open before."""
