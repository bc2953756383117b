"""List the views of the dashboard: their keys, names and footers.

A view is one line of ``VIEWS``: its key, its tab, its line in help and palette follow from it.
``ui/screen.py`` makes a view when it is first opened.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """One view: how it is called, and what its footer offers."""

    id: str
    key: str
    """As Textual names it."""
    name: str
    short: str
    """Its name in the title where the names of all views have no room."""
    help: str
    verbs: tuple[str, ...]
    """The actions in its footer, by id."""
    opens: str = ""
    """What Enter shows; the details of the row where it is empty."""


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
    ),
    ViewSpec(
        "targets",
        "4",
        "Targets",
        "Targ",
        "Where numbers point, and how many of them",
        ("table.open", "number.retarget", "view.filter", "view.sort", "app.help", "app.commands"),
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
    ),
    ViewSpec(
        "overview",
        "0",
        "Overview",
        "",
        "Counts, costs, what is wrong, what was changed",
        ("table.open", "view.filter", "view.refresh", "app.help", "app.commands"),
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
