"""The Textual app: wire screens, services and the terminal together."""

import asyncio
import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import App
from textual.binding import BindingType

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, TargetOption
from tui_numbers.services.config import ConfigError
from tui_numbers.ui import textual_private
from tui_numbers.ui.actions import ACTIONS
from tui_numbers.ui.detail_pane import DetailScreen
from tui_numbers.ui.frame import StatusLine, Tone
from tui_numbers.ui.host import NumberChanged, PendingWrites, SessionLog
from tui_numbers.ui.keyboard import FlowGivenUp, KeyedApp
from tui_numbers.ui.layout import WIDE, WITHOUT_DETAIL
from tui_numbers.ui.preferences import Preferences
from tui_numbers.ui.screen import MainScreen
from tui_numbers.ui.text import stacked
from tui_numbers.ui.themes import FIRST_STYLES, OTHER_STYLES, SIXTEEN, THEMES, starting_theme

if TYPE_CHECKING:
    from tui_numbers.domain.numbers import Finding
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.temporary import End
    from tui_numbers.services.planning import Result
    from tui_numbers.services.session import Session
    from tui_numbers.ui.flows.target_picker import RecentTargets
    from tui_numbers.ui.selection import Selection

_FRAMES = 0.05
"""Seconds in which Textual draws all parts of the first frame."""


class Dashboard(KeyedApp):
    """The dashboard over one session."""

    TITLE = "tui-numbers"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ACTIONS["app.suspend"].binding(),
        ACTIONS["app.help_anywhere"].binding(),
    ]
    CSS_PATH = FIRST_STYLES
    NOTIFICATION_TIMEOUT = 5.0

    def __init__(self, session: "Session", driver_class: Any = None) -> None:
        theme = starting_theme(os.environ, session.config.ui.theme)
        # Said before Textual chooses how it leaves colours out where NO_COLOR asks for that.
        plain = True if theme == SIXTEEN.name else None
        super().__init__(driver_class=driver_class, ansi_color=plain)
        self.session = session
        self.next_session: Session | None = None
        self.writes = PendingWrites()
        self.preferences = Preferences(session, self.say)
        self.session_log = SessionLog()
        self.keys: Mapping[str, str] = {}
        """What of the configured keymap is in use."""
        self._leaving = False
        self._begun = False
        self._unusable: ConfigError | None = None
        self.animation_level = "none"
        for known in THEMES:
            self.register_theme(known)
        # Before anything is styled: a later change would have every style sheet read again.
        self.set_reactive(App.theme, theme)
        self.stylesheet.set_variables(self.get_css_variables())

    @cached_property
    def recent_targets(self) -> "RecentTargets":
        """The targets picked in this session."""
        from tui_numbers.ui.flows.target_picker import RecentTargets

        return RecentTargets()

    def begin_flow(self, action: str, chosen: "Selection") -> None:
        """Run the flow of an action over what is selected."""
        from tui_numbers.ui.flows import flow_of

        self.begin(flow_of(action)(self, chosen))

    @property
    def main(self) -> MainScreen:
        """The screen with the three views."""
        return next(screen for screen in self.screen_stack if isinstance(screen, MainScreen))

    def get_default_screen(self) -> MainScreen:
        """Return the main screen; one pushed over Textual's own would be drawn behind that."""
        # Told at once, or everything would be laid out for the other width first.
        width = "-wide" if self.size.width >= WIDE else "-narrow"
        hidden = "" if self.preferences.ui.detail else f" {WITHOUT_DETAIL}"
        return MainScreen(classes=width + hidden)

    def on_mount(self) -> None:
        """Take the configured keys, and greet who has no account yet."""
        problems = self._take_keymap()
        if not self.session.accounts:
            from tui_numbers.ui.accounts_screen import WelcomeScreen

            self.push_screen(WelcomeScreen())
        for problem in problems:
            self.log_line(f"keymap: {problem}")
        if problems:
            self.call_after_refresh(self.say, f"keymap: {problems[0]} (@ has all)", Tone.WARN)

    def _take_keymap(self) -> Sequence[str]:
        """Use the configured keys; return what is wrong with them."""
        if not self.session.config.keymap:
            return ()
        from tui_numbers.ui.actions import usable_keymap

        self.keys, problems = usable_keymap(self.session.config.keymap)
        self.set_keymap(self.keys)
        return problems

    def post_display_hook(self) -> None:
        """Go on, behind the first frame, with what it did not wait for."""
        if self._begun or textual_private.is_batching(self):
            return
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen) and screen.is_drawn:
                self._begun = True
                # Textual draws the first frame in parts; threads would delay the later ones.
                self.set_timer(_FRAMES, partial(self._go_on, screen))

    def _go_on(self, screen: MainScreen) -> None:
        # What start-up made stays; no collection has to walk it.
        gc.freeze()
        gc.enable()
        self.read_other_styles()
        self._open_rest(screen)

    def read_other_styles(self) -> None:
        """Read the style sheets of dialogs and other views, if that was not done yet.

        Nothing that is on screen has to be styled afresh for them. A dialog that is quicker has
        Textual read them.
        """
        missing = [Path(path) for path in OTHER_STYLES if not self.stylesheet.has_source(str(path))]
        if missing:
            self.stylesheet.read_all(missing)
            self.stylesheet.parse()

    @work(group="opening")
    async def _open_rest(self, screen: MainScreen) -> None:
        """Open what the first frame did without, in a thread, and let the accounts be asked."""
        try:
            workspace = await asyncio.to_thread(self.session.open)
        except ConfigError as error:
            self._unusable = error
            self.exit()
            return
        if not (screen.is_attached and screen.children):
            # The dashboard was left while its session was opened.
            return
        workspace.http.on_waiting = screen.wait
        for name, reason in workspace.provider_failures.items():
            self.say(f"provider {name} is not in use: {reason}", Tone.WARN)
        for warning in workspace.warnings:
            self.say(warning, Tone.WARN)
        screen.attention.look_at_journal()
        screen.owned.go_on()
        await asyncio.to_thread(_load_rest)
        self._show_what_others_do()
        if not self.session.read_only:
            self._put_back_what_is_due()

    @work(group="due", exit_on_error=False)
    async def _put_back_what_is_due(self) -> None:
        """Put temporary changes back when they are due, for as long as the dashboard is open."""
        from tui_numbers.ui.flows.on_call import watch_ends

        await watch_ends(self)

    @work(group="team", exit_on_error=False)
    async def _show_what_others_do(self) -> None:
        """Show what other operators do, for as long as the dashboard is open."""
        from tui_numbers.ui.flows.on_call import follow_others

        await follow_others(self)

    def get_loading_widget(self) -> Any:
        """Return words in the place of Textual's animation, which would never be idle."""
        from textual.widgets import Static

        return Static("loading", markup=False)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show one line until the next key, and keep it in the log."""
        self.log_line(text)
        for screen in reversed(self.screen_stack):
            if isinstance(screen, MainScreen | DetailScreen):
                # There is none any more while the dashboard is being left.
                for line in screen.query(StatusLine):
                    line.say(text, tone)
                return

    @contextmanager
    def saying(self, text: str) -> Iterator[None]:
        """Say what is under way while the block runs, and no longer."""
        self.say(text)
        try:
            yield
        finally:
            for screen in self.screen_stack:
                if isinstance(screen, MainScreen | DetailScreen):
                    for line in screen.query(StatusLine):
                        line.settle(text)

    @on(FlowGivenUp)
    def _say_given_up(self) -> None:
        self.say("given up: nothing was sent")

    def log_line(self, text: str) -> None:
        """Keep a line for the log of this session."""
        self.session_log.add(text)

    def tell_failure(self, error: Exception) -> None:
        """Say that the program itself failed, and keep the details in the private log."""
        from tui_numbers.services.containment import log_error

        self.say(f"the program failed ({type(error).__name__}); {log_error(error)}", Tone.BAD)

    def copy(self, text: str, called: str = "") -> None:
        """Copy through the terminal, and say so; nothing confirms that it arrived.

        ``called`` is what several lines are, for the message.
        """
        if not self._to_clipboard(text):
            return
        shown = text if len(text) < 40 and "\n" not in text else f"{len(text):,} characters"
        if called and "\n" in text:
            shown = called
        self.say(f"{shown} sent to the terminal's clipboard")

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal; our driver drops a clipboard sequence that comes otherwise."""
        self._to_clipboard(text)

    def _to_clipboard(self, text: str) -> bool:
        """Send a text to the terminal's clipboard; tell whether it could be."""
        send = getattr(textual_private.driver_of(self), "copy", None)
        if send is None:
            super().copy_to_clipboard(text)
        elif not send(text):
            self.say("too long for a terminal's clipboard: w writes a file", Tone.WARN)
            return False
        return True

    def find_owned(self, number: E164) -> OwnedNumber | None:
        """Return an owned number that is listed, if one account holds it."""
        return self.main.owned.store.find(number)

    def operations_of(self, number: OwnedNumber) -> "list[Operation]":
        """Read from the journal what was done to a number; blocks, so call it in a thread."""
        from tui_numbers.services.undo import operations_on

        return operations_on(self.session.writer.journal, number.account, number.number)

    def findings_of(self, number: OwnedNumber) -> "Sequence[Finding]":
        """Return what is wrong with a number, as far as that was looked at."""
        return self.main.attention.findings.of(number)

    def end_of(self, number: OwnedNumber) -> "End | None":
        """Return the next end of a number that is temporary, as far as that was looked at."""
        return self.main.attention.findings.end_of(number)

    def action_attention(self) -> None:
        """List what needs a person."""
        from tui_numbers.ui.attention import list_attention

        self.begin(list_attention(self))

    def known_targets(self, account: str) -> Sequence[TargetOption]:
        """Return the targets of an account as far as they were listed."""
        return self.main.owned.store.accounts[account].options

    def take_results(self, results: "Sequence[Result]") -> None:
        """Show everywhere what operations came to."""
        from tui_numbers.domain.operations import Outcome

        for result in results:
            number = result.plan.number
            reason = f": {result.error}" if result.error else ""
            self.log_line(f"{result.plan.action} {number} {result.outcome}{reason}")
            observed = result.observed or result.current
            gone = (
                result.outcome is Outcome.VERIFIED
                and result.plan.requested is None
                and observed is None
            )
            if observed is not None or gone:
                self.show_number(result.plan.account.name, number, observed)
        for view in self.main.views:
            view.take_results(results)
        self.main.attention.look_at_journal()

    def show_number(self, account: str, number: E164, found: OwnedNumber | None) -> None:
        """Show everywhere what a number is now that it was read; None where it is gone."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen | DetailScreen):
                screen.post_message(NumberChanged(account, number, found))

    def action_help(self) -> None:
        """Show the keys of where one is; a page of text, such as this one, is closed."""
        from tui_numbers.ui.dialogs.dialog import PageScreen
        from tui_numbers.ui.palette import help_text, title_of

        if isinstance(self.screen, PageScreen):
            self.screen.action_close()
            return
        screen = self.screen
        self.push_screen(PageScreen(title_of(screen), help_text(screen, self.keys)))

    def action_log(self) -> None:
        """Show what was done in this session."""
        from tui_numbers.ui.dialogs.dialog import PageScreen

        lines = self.session_log.lines or ("nothing yet",)
        self.push_screen(PageScreen("Log of this session", stacked(lines), at_end=True))

    def action_commands(self) -> None:
        """Open commands and go-to-number."""
        from tui_numbers.ui.palette import open_palette

        self.begin(open_palette(self))

    def action_accounts(self) -> None:
        """Show how each account stands."""
        from tui_numbers.ui.accounts_screen import accounts_screen

        self.push_screen(accounts_screen(self))

    def reopen(self, session: "Session") -> None:
        """End this dashboard for another one over ``session``."""
        self.next_session = session
        self.exit()

    def action_theme(self) -> None:
        """Change to the next theme."""
        names = [theme.name for theme in THEMES]
        at = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(at + 1) % len(names)]
        self.preferences.keep("ui", theme=self.theme)
        self.say(f"theme {self.theme}")

    def action_suspend_process(self) -> None:
        """Stop, as a shell's job; without a shell nobody could have it go on."""
        driver = textual_private.driver_of(self)
        if driver is not None and driver.can_suspend:
            super().action_suspend_process()
        else:
            self.say("no shell started this, so there is none to go back to")

    async def action_quit(self) -> None:
        """Quit by Textual's own key, with the same question."""
        self.action_leave()

    def action_help_quit(self) -> None:
        """Answer Ctrl+C, which people press to get out."""
        self.say("q quits")

    def action_leave(self) -> None:
        """Quit; asks while a write is under way."""
        self.begin(self._leave())

    async def _leave(self) -> None:
        from tui_numbers.ui.dialogs.dialog import Dialog, drops_unsaved

        dialogs = [screen for screen in self.screen_stack if isinstance(screen, Dialog)]
        if not await drops_unsaved(self, dialogs, "Quit?"):
            return
        if not self.writes.under_way or await self._asks_to_leave_writes():
            self.exit()

    async def _asks_to_leave_writes(self) -> bool:
        """Ask whether to leave while writes are under way; the question follows how they stand."""
        from tui_numbers.ui.dialogs.dialog import AskScreen

        title = "A write is under way"

        def words() -> str:
            running = self.writes.under_way
            return f"{running} not finished; it is read back and recorded before the end."

        question = AskScreen(title, words(), "Finish and quit", "Stay")

        async def follow() -> None:
            while self.writes.under_way:
                await self.writes.one_ended()
                question.change(title, words())
            question.change("Nothing is under way any more", "All of it is finished and recorded.")

        following = asyncio.create_task(follow())
        try:
            leaves: bool = await self.push_screen_wait(question)
        finally:
            following.cancel()
        return leaves

    @property
    def failure(self) -> Exception | None:
        """What ended the dashboard, where nobody left it."""
        return self._unusable or textual_private.fatal_error_of(self)

    def _fatal_error(self) -> None:
        # Textual would print the values of variables, and one of them may be a secret.
        textual_private.close_without_report(self)

    def _handle_exception(self, error: Exception) -> None:
        if self._begun and (self._exit or not self.is_running):
            from tui_numbers.services.containment import log_error

            # A message that waited may ask for a widget that leaving has taken away.
            log_error(error)
        else:
            super()._handle_exception(error)

    def line_lost(self) -> None:
        """End the screen when the terminal is gone; writes are finished and recorded after it."""
        if self._leaving:
            return
        self._leaving = True
        if self.main.is_mounted:
            self.exit()
        else:
            # An app that is leaving mounts nothing more, and half a screen would miss the rest.
            self.main.call_later(self.exit)


def _load_rest() -> None:
    """Import what the first frame does without and the first keys need; blocks."""
    import tui_numbers.ui.palette
    import tui_numbers.ui.views.available
    import tui_numbers.ui.views.history  # noqa: F401
    from tui_numbers.ui.flows import FLOWS, flow_of

    for action in FLOWS:
        flow_of(action)
