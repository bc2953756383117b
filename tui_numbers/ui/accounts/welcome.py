"""The welcome screen where no account is configured; opening it creates nothing."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_numbers.ui.accounts.accounts_screen import accounts_screen
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.dialogs.dialog import Dialog
from tui_numbers.ui.dialogs.page import PageScreen
from tui_numbers.ui.host import InDashboard
from tui_numbers.ui.text import content, stacked

if TYPE_CHECKING:
    from tui_numbers.services.paths import Paths

_INTRODUCTION = (
    "The phone numbers that you hold at several providers, in one place: find them, see where "
    "calls go, send them elsewhere. No account is configured yet."
)
_CHOICES = (
    ("demo", "d  Explore the demo: three emulated providers, nothing real"),
    ("add", "a  Add an account"),
    ("where", "c  Read where the configuration lives"),
)
_EXAMPLE = """\
[accounts.uk-desk]
provider = "vonage"            # parakeet, fonedynamics or vonage
api_key = "a1b2c3d4"
# read_only = true
# production = true            # red badge, asks twice
# secret_command = ["pass", "show", "uk-desk"]"""


class WelcomeScreen(InDashboard, Dialog[None]):
    """Three ways on."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.WELCOME)

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        with Vertical(classes="dialog welcome"):
            yield Static("Welcome to tui-numbers", classes="dialog-title", markup=False)
            yield Static(_INTRODUCTION, classes="welcome-text", markup=False)
            options = [Option(content(line), id=key) for key, line in _CHOICES]
            yield OptionList(*options, markup=False, compact=True)
            note = "Enter chooses · q quits · nothing is written to disk before you ask for it"
            yield Static(note, classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Begin at the first way."""
        listed = self.query_one(OptionList)
        listed.highlighted = 0
        self.set_focus(listed)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.action_choose(event.option_id or "")

    def action_choose(self, way: str) -> None:
        """Go one of the ways."""
        dashboard = self.dashboard
        if way == "demo":
            dashboard.reopen(dashboard.session.follow(demo=True))
        elif way == "add":
            self.app.push_screen(accounts_screen(dashboard, adding=True))
        else:
            page = PageScreen("Configuration", _where(dashboard.session.paths))
            self.app.push_screen(page)

    def action_close(self) -> None:
        """Go to the empty dashboard."""
        self.leave(None)


def _where(paths: "Paths") -> Content:
    """Return where things are kept."""
    lines = [
        f"Configuration   {paths.config_file}",
        f"Journal         {paths.journal}",
        "",
        "Neither exists before it is needed. An account looks like this:",
        "",
        *_EXAMPLE.splitlines(),
        "",
        "Its secret never stands there. It is looked for in this order:",
        "  1. the environment: TUI_NUMBERS_SECRET_UK_DESK",
        "  2. the output of secret_command",
        "  3. the keyring of the operating system: service tui-numbers, user uk-desk",
        "  4. what was typed, with session_cache also in an earlier run (Linux)",
        "",
        "tui-numbers doctor examines all of it.",
    ]
    return stacked(lines)
