"""The Textual app: it wires screens, services and the terminal, and decides nothing else."""

import asyncio
import gc
import os
from collections import deque
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import App
from textual.binding import BindingType

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import OwnedNumber, TargetOption
from tui_numbers.domain.operations import Operation, Outcome
from tui_numbers.domain.text import clean
from tui_numbers.services.changes import Result
from tui_numbers.services.session import Session
from tui_numbers.services.undo import operations_on
from tui_numbers.ui import moment
from tui_numbers.ui.commands import CommandPalette
from tui_numbers.ui.dialogs.ask import AskScreen
from tui_numbers.ui.dialogs.base import DialogShown
from tui_numbers.ui.dialogs.page import PageScreen
from tui_numbers.ui.flows import Flows
from tui_numbers.ui.frame.room import too_small
from tui_numbers.ui.frame.status import StatusLine, Tone
from tui_numbers.ui.gate import KeyGate
from tui_numbers.ui.help import help_text
from tui_numbers.ui.keymap import usable_keymap
from tui_numbers.ui.messages import NumberChanged
from tui_numbers.ui.screen import WIDE, DetailScreen, MainScreen
from tui_numbers.ui.styles import style_paths
from tui_numbers.ui.text import stacked
from tui_numbers.ui.themes import SIXTEEN, THEMES, starting_theme
from tui_numbers.ui.turns import Turns
from tui_numbers.ui.views.owned import OwnedView
from tui_numbers.ui.words import clock
from tui_numbers.ui.writes import Writes

if TYPE_CHECKING:
    from datetime import datetime

_LOG_LINES = 500
_FRAMES = 0.05
"""Seconds in which Textual draws all parts of the first frame."""


class Dashboard(App[None]):
    """The dashboard over one session."""

    TITLE = "tui-numbers"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS_PATH = list(style_paths())  # noqa: RUF012 - Textual's own declaration
    NOTIFICATION_TIMEOUT = 5.0

    def __init__(self, session: Session, driver_class: Any = None) -> None:
        theme = starting_theme(os.environ)
        # Said before Textual chooses how it leaves colours out where NO_COLOR asks for that.
        plain = True if theme == SIXTEEN.name else None
        super().__init__(driver_class=driver_class, ansi_color=plain)
        self.session = session
        self.next_session: Session | None = None
        self.writes = Writes()
        self.flows = Flows(self)
        self._log_lines: deque[tuple[datetime, str]] = deque(maxlen=_LOG_LINES)
        self._palette = CommandPalette(self)
        self.gate = KeyGate(self.post_message, self._give_flow_up)
        self._turns = Turns(self, self._take_key)
        self._leaving = False
        self._begun = False
        self.animation_level = "none"
        for known in THEMES:
            self.register_theme(known)
        # Before anything is styled: a later change would have every style sheet read again.
        self.set_reactive(App.theme, theme)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def main(self) -> MainScreen:
        """The screen with the three views."""
        return next(screen for screen in self.screen_stack if isinstance(screen, MainScreen))

    @property
    def scope(self) -> str:
        """Which accounts are in use."""
        accounts = self.session.workspace.accounts
        chosen = len(self.session.config.accounts) not in (0, len(accounts))
        names = ", ".join(account.name for account in accounts)
        return names if chosen or len(accounts) == 1 else "all accounts"

    @property
    def badges(self) -> tuple[str, ...]:
        """What to beware of."""
        workspace = self.session.workspace
        production = any(account.production for account in workspace.accounts)
        flags = (
            ("DEMO", workspace.demo),
            ("READ-ONLY", workspace.read_only),
            ("PRODUCTION", production),
        )
        return tuple(name for name, shown in flags if shown)

    def on_mount(self) -> None:
        """Open the screen."""
        keymap, problems = usable_keymap(self.session.config.keymap)
        self.set_keymap(keymap)
        # Told at once, or everything would be laid out for the other width first.
        width = "-wide" if self.size.width >= WIDE else "-narrow"
        self.push_screen(MainScreen(classes=width))
        if not self.session.workspace.accounts:
            from tui_numbers.ui.accounts.welcome import WelcomeScreen

            self.push_screen(WelcomeScreen())
        for problem in problems:
            self.log_line(f"keymap: {problem}")
        if problems:
            self.call_after_refresh(self.say, f"keymap: {problems[0]} (@ has all)", Tone.WARN)

    def post_display_hook(self) -> None:
        """Go on, behind the first frame, with what it did not wait for."""
        if self._begun or self._batch_count:
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
        screen.query_one(OwnedView).go_on()

    def get_loading_widget(self) -> Any:
        """Return words in the place of Textual's animation, which would never be idle."""
        from textual.widgets import Static

        return Static("loading", markup=False)

    def begin(self, flow: Coroutine[Any, Any, None]) -> None:
        """Run a flow of screens."""
        self.gate.flow_began()
        self.run_worker(self._flow(flow), group="flow", exclusive=False, exit_on_error=True)

    async def _flow(self, flow: Coroutine[Any, Any, None]) -> None:
        try:
            await flow
        finally:
            self.gate.flow_ended()

    def _give_flow_up(self) -> None:
        self.workers.cancel_group(self, "flow")
        self.say("given up: nothing was sent")

    @on(DialogShown)
    def _dialog_shown(self, message: DialogShown) -> None:
        message.dialog.shown = True
        if not message.dialog.takes_typed_ahead:
            self._turns.forget(message.dialog.made_at)
        self.gate.dialog_shown(message.dialog)

    async def on_event(self, event: events.Event) -> None:
        """Take no key where nobody could see what it does."""
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            if too_small(self.size):
                return
            if isinstance(event, events.Key):
                await self._turns.arrive(event)
                return
        if isinstance(event, events.Key) and not self._turns.concerns(self.screen):
            # Another screen came up while it was on its way, which it must not answer.
            return
        await super().on_event(event)

    async def _take_key(self, event: events.Key) -> None:
        if not self.gate.holds(event, self.screen):
            await super().on_event(event)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show one line until the next key, and keep it in the log."""
        self.log_line(text)
        for screen in reversed(self.screen_stack):
            if isinstance(screen, MainScreen | DetailScreen):
                screen.query_one(StatusLine).say(text, tone)
                return

    def log_line(self, text: str) -> None:
        """Keep a line for the log of this session."""
        self._log_lines.append((moment.now(), clean(text)))

    def copy(self, text: str) -> None:
        """Copy through the terminal, and say so; nothing confirms that it arrived."""
        self.copy_to_clipboard(text)
        shown = text if len(text) < 40 else f"{len(text):,} characters"
        self.say(f"{shown} sent to the terminal's clipboard")

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal; our driver drops a clipboard sequence that comes otherwise."""
        send = getattr(self._driver, "copy", None)
        if send is None:
            super().copy_to_clipboard(text)
        elif not send(text):
            self.say("too long for a terminal's clipboard", Tone.WARN)

    def find_owned(self, number: E164) -> OwnedNumber | None:
        """Return an owned number that is listed, if one account holds it."""
        return self.main.query_one(OwnedView).store.find(number)

    def operations_of(self, number: OwnedNumber) -> list[Operation]:
        """Read from the journal what was done to a number; blocks, so call it in a thread."""
        return operations_on(self.session.changes.journal, number.account, number.number)

    def known_targets(self, account: str) -> Sequence[TargetOption]:
        """Return the targets of an account as far as they were listed."""
        return self.main.query_one(OwnedView).store.accounts[account].options

    def take_results(self, results: Sequence[Result]) -> None:
        """Show everywhere what operations came to."""
        for result in results:
            number = result.plan.number
            reason = f": {result.error}" if result.error else ""
            self.log_line(f"{result.plan.action} {number} {result.outcome}{reason}")
            seen = result.after or result.current
            gone = result.outcome is Outcome.VERIFIED and result.plan.after is None and seen is None
            if seen is not None or gone:
                message = NumberChanged(result.plan.account.name, number, seen)
                for screen in self.screen_stack:
                    if isinstance(screen, MainScreen | DetailScreen):
                        screen.post_message(message)

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(PageScreen("Keys", help_text(self.session.config.keymap)))

    def action_log(self) -> None:
        """Show what was done in this session."""
        lines = [f"{clock(when)}  {text}" for when, text in self._log_lines]
        page = PageScreen("Log of this session", stacked(lines or ["nothing yet"]), at_end=True)
        self.push_screen(page)

    def action_commands(self) -> None:
        """Open commands and go-to-number."""
        self.begin(self._palette.open())

    def action_accounts(self) -> None:
        """Show how each account stands."""
        from tui_numbers.ui.accounts.screen import accounts_screen

        self.push_screen(accounts_screen(self))

    def reopen(self, session: Session) -> None:
        """End this dashboard for another one over ``session``."""
        self.next_session = session
        self.exit()

    def action_theme(self) -> None:
        """Change to the next theme."""
        names = [theme.name for theme in THEMES]
        at = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(at + 1) % len(names)]
        self.say(f"theme {self.theme}")

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
        running = self.writes.under_way
        if running:
            wait = await self.push_screen_wait(
                AskScreen(
                    "A write is under way",
                    f"{running} not finished; it is read back and recorded before the end.",
                    "Finish and quit",
                    "Stay",
                )
            )
            if not wait:
                return
        self.exit()

    @property
    def failure(self) -> Exception | None:
        """The error that nobody expected and that ended the dashboard."""
        return getattr(self._exception, "error", self._exception)

    def _fatal_error(self) -> None:
        # Textual would print the values of variables, and one of them may be a secret.
        self._close_messages_no_wait()

    def line_lost(self) -> None:
        """End the screen when the terminal is gone; writes are finished and recorded after it."""
        if not self._leaving:
            self._leaving = True
            self.exit()


def run_dashboard(session: Session, *, framed: bool = False) -> int:
    """Run the dashboard until it is left; writes under way are recorded before this returns.

    ``framed`` tells that a frame stands on the alternate screen already.

    Raises:
        Exception: Whatever nobody expected; the terminal is as it was before.
    """
    from tui_numbers.ui.terminal import driver_class_for
    from tui_numbers.ui.terminal.behind import behind_frame

    driver = driver_class_for(os.environ)

    async def run(session: Session, driver: Any) -> Dashboard:
        # A question on standard input would never be seen: the accounts screen asks instead.
        session.workspace.secrets.ask = None
        app = Dashboard(session, driver)
        try:
            await app.run_async(mouse=True)
        finally:
            await app.writes.finish()
            await session.aclose()
        return app

    app = asyncio.run(run(session, behind_frame(driver) if framed and driver else driver))
    while app.next_session is not None:
        app = asyncio.run(run(app.next_session, driver))
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
