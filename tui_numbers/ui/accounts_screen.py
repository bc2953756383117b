"""Show how each account stands; welcome whoever has none yet."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_numbers.domain.accounts import Account, Secret
from tui_numbers.domain.clock import timestamp
from tui_numbers.providers.errors import ProviderError, RateLimited
from tui_numbers.services import accounts
from tui_numbers.services.config import ConfigError
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.services.keyring import KeyringProblem
from tui_numbers.services.secrets import Kept, drop_secret, keep_secret, ways_to_supply
from tui_numbers.services.session import Session
from tui_numbers.ui.account_form import AccountForm, Draft, SecretScreen
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.dialogs.dialog import AskScreen, Dialog, PageScreen
from tui_numbers.ui.frame import Tone
from tui_numbers.ui.host import Host, InDashboard
from tui_numbers.ui.owned_store import AccountState, Progress
from tui_numbers.ui.text import content, fit, measure, stacked
from tui_numbers.wording.values import ACCOUNT_WORKS, failure_words, time_of_day

if TYPE_CHECKING:
    from tui_numbers.services.paths import Paths


CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Standing:
    """One account, as far as it is known."""

    account: Account
    word: str = "not checked"
    tone: Tone = Tone.PLAIN
    sentence: str = ""
    """What was said of it; empty where there is nothing to say."""

    @property
    def marks(self) -> str:
        """The flags that protect it."""
        marks = {"read-only": self.account.read_only, "production": self.account.production}
        return " ".join(word for word, is_set in marks.items() if is_set)

    def checking(self) -> "Standing":
        """Return it while it is being asked."""
        return replace(self, word=CHECKING, tone=Tone.PLAIN, sentence="")

    def works(self, sentence: str) -> "Standing":
        """Return it after a good answer."""
        return replace(self, word=ACCOUNT_WORKS, tone=Tone.GOOD, sentence=sentence)

    def failed(self, error: ProviderError, retry_at: float | None = None) -> "Standing":
        """Return it after a failure; ``retry_at`` is when it may be asked again, since 1970."""
        word = failure_words(error)
        if isinstance(error, RateLimited) and (retry_at or error.retry_after):
            until = retry_at or timestamp() + (error.retry_after or 0)
            word = f"{word} until {time_of_day(datetime.fromtimestamp(until, UTC))}"
        return replace(self, word=word, tone=Tone.BAD, sentence=str(error))


def first_standing(account: Account, state: AccountState | None) -> Standing:
    """Return what the listing of owned numbers already tells of an account."""
    standing = Standing(account)
    if state is None or state.progress in (Progress.WAITING, Progress.LOADING):
        return standing
    if state.progress is Progress.FAILED and state.error is not None:
        return standing.failed(state.error)
    return standing.works(f"{len(state.rows):,} numbers were listed")


Say = Callable[[str], None]


async def ask(session: Session, account: Account) -> Standing:
    """Ask an account whether it works, with its secret looked up afresh unless it was typed."""
    workspace = session.workspace
    typed = workspace.secrets.typed(account)
    if not workspace.demo and typed is None:
        workspace.reopen(account)
    try:
        answer = await (await workspace.client(account)).check()
    except ProviderError as error:
        return Standing(account).failed(error, workspace.telemetry(account).retry_at)
    balance = f", balance {answer.balance}" if answer.balance is not None else ""
    return Standing(account).works(f"{answer.title}{balance}")


async def secret_source(session: Session, account: Account) -> str:
    """Say where an account's secret comes from."""
    try:
        return await session.workspace.secrets.expected(account) or "nowhere yet: s types it"
    except KeyringProblem as problem:
        return f"nowhere yet: {problem.message}; s types it"


async def use_typed(session: Session, account: Account, secret: Secret) -> Standing:
    """Use a secret that was typed, until the program ends, if the provider takes it."""
    workspace = session.workspace
    try:
        answer = await accounts.try_secret(
            workspace.plugins, account, secret, workspace.http.timing
        )
    except ProviderError as error:
        return Standing(account).failed(error)
    workspace.reopen(account)
    workspace.secrets.hold(account, secret)
    workspace.secrets.learn(account, works=True)
    return Standing(account).works(answer.title)


async def save(session: Session, draft: Draft, old: Account | None, say: Say) -> list[str]:
    """Try an account, and when it works write it down and keep its secret.

    Raises:
        ProviderError: It does not work, and nothing was saved.
        ConfigError: The configuration cannot be written.
        InvalidInput: There is such an account already.
    """
    workspace, path = session.workspace, session.paths.config_file
    account = accounts.account_of(draft.name, draft.info.key, draft.stored)
    if old is not None:
        account = replace(old, fields=account.fields)
    secret = draft.secret or await workspace.secrets.find(account)
    say("asking the provider")
    answer = await accounts.try_secret(workspace.plugins, account, secret, workspace.http.timing)
    if old is None:
        await asyncio.to_thread(
            accounts.add_account, path, account.name, account.provider, draft.stored
        )
    else:
        await asyncio.to_thread(
            accounts.change_fields, path, account.name, draft.info, draft.stored
        )
    lines = [f"{account.name} works: {answer.title}", f"saved in {path}"]
    if draft.secret is not None:
        workspace.secrets.hold(account, draft.secret)
        say("asking the keyring")
        lines += _kept_words(
            account, session, await keep_secret(workspace.secrets, account, secret)
        )
    return lines


def _kept_words(account: Account, session: Session, kept: Kept) -> list[str]:
    secrets = session.workspace.secrets
    lines = [f"its secret is in the {kept.where}"] if kept.where else []
    lines += [kept.note] if kept.note else []
    if kept.problem is not None:
        lines.append(f"its secret is not in a keyring: {kept.problem.message}")
        if kept.problem.remedy and not kept.problem.is_absent:
            lines.append(f"to do: {kept.problem.remedy}")
    if kept.instead is not None:
        lines.append(f"{kept.instead} goes before all other places, and is used instead")
    elif kept.where is None:
        kernel = secrets.kernel is not None and secrets.kernel.available()
        lines += ["it is known until this program ends. To have it next time, do one of these:"]
        lines += ways_to_supply(account, secrets.keyring, kernel=kernel)
    return lines


async def remove(session: Session, account: Account) -> list[str]:
    """Take an account out of the configuration and the keyring.

    Raises:
        ConfigError: The configuration cannot be written.
        InvalidInput: There is no such account.
    """
    path = session.paths.config_file
    await asyncio.to_thread(accounts.remove_account, path, account.name)
    lines = [f"removed {account.name}; its numbers are untouched"]
    session.workspace.secrets.forget(account)
    try:
        if await drop_secret(session.workspace.secrets, account.name):
            lines.append("its secret is removed from the keyring")
    except KeyringProblem as problem:
        if not problem.is_absent:
            lines.append(f"its secret may still be in the keyring: {problem.message}")
    return lines


_NOTE = "c check · r all · s secret · a add · e edit · X remove · Esc closes"


_STYLES = {Tone.GOOD: "$text-success", Tone.BAD: "$text-error bold", Tone.WARN: "$text-warning"}


_DEMO = "these are the demo's accounts, which cannot be edited"


class AccountsScreen(InDashboard, Dialog[None]):
    """Accounts in the configuration's order; an account that fails holds nothing else up."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.ACCOUNTS)

    def __init__(self, standings: list[Standing], *, adding: bool = False) -> None:
        super().__init__()
        self._standings = standings
        self._sources: dict[str, str] = {}
        self._adding = adding

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        with Vertical(classes="dialog accounts"):
            yield Static("Accounts", classes="dialog-title", markup=False)
            yield OptionList(markup=False, compact=True)
            yield Static("", classes="account-facts", markup=False)
            yield Static(_NOTE, classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Show what is known, and look up where the secrets come from."""
        self._draw()
        self._find_sources()
        if self._adding:
            self.action_add()

    def on_resize(self, event: events.Resize) -> None:
        """Cut the lines to the new width."""
        self._draw()

    @work(group="sources", exclusive=True, exit_on_error=False)
    async def _find_sources(self) -> None:
        for standing in self._standings:
            account = standing.account
            source = await secret_source(self.dashboard.session, account)
            self._sources[account.name] = source
            self._tell_facts()

    def _draw(self) -> None:
        listed = self.query_one(OptionList)
        at = listed.highlighted
        room = max(30, (listed.size.width or 70) - 2)
        listed.clear_options()
        listed.add_options([Option(self._line(one, room)) for one in self._standings])
        if self._standings:
            listed.highlighted = min(at or 0, len(self._standings) - 1)
        self._tell_facts()

    def _line(self, standing: Standing, room: int) -> Content:
        account = standing.account
        title = self.dashboard.session.workspace.info(account).title
        names = max(measure(one.account.name) for one in self._standings)
        head = f"{fit(account.name, min(names, 24))}  {fit(title, 13)}  "
        word = content(standing.word)
        if standing.tone in _STYLES:
            word = word.stylize(_STYLES[standing.tone])
        marks = f"  {standing.marks}" if standing.marks else ""
        used = measure(head) + measure(standing.word)
        return Content(head) + word + Content.styled(fit(marks, max(0, room - used)), "$text-muted")

    def _tell_facts(self) -> None:
        if not self.stands:
            return
        standing = self._current
        if standing is None:
            text = "No account is configured yet: a adds one."
        else:
            account = standing.account
            fields = "  ".join(f"{key} {value}" for key, value in account.fields.items())
            source = self._sources.get(account.name, "looking")
            text = f"{fields}\nsecret   {source}\n{standing.sentence}"
        self.query_one(".account-facts", Static).update(_several(text))

    @property
    def _current(self) -> Standing | None:
        at = self.query_one(OptionList).highlighted
        return self._standings[at] if at is not None and at < len(self._standings) else None

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._tell_facts()

    def action_move(self, by: int) -> None:
        """Move to another account."""
        listed = self.query_one(OptionList)
        if self._standings and listed.highlighted is not None:
            listed.highlighted = max(0, min(listed.highlighted + by, len(self._standings) - 1))

    def _put(self, standing: Standing) -> None:
        """Show how an account stands now."""
        name = standing.account.name
        self._standings = [standing if one.account.name == name else one for one in self._standings]
        if self.stands:
            self._draw()

    @on(OptionList.OptionSelected)
    def action_check(self) -> None:
        """Ask the account under the cursor again."""
        if self._current is not None:
            self._ask(self._current)

    def action_check_all(self) -> None:
        """Ask every account again, a keyring that failed before too."""
        keyring = self.dashboard.session.workspace.secrets.keyring
        if keyring is not None:
            keyring.ask_again()
        for standing in self._standings:
            self._ask(standing)

    @work(group="ask", exit_on_error=False)
    async def _ask(self, standing: Standing) -> None:
        if standing.word == CHECKING:
            return
        self._put(standing.checking())
        answer = await ask(self.dashboard.session, standing.account)
        self._put(answer)
        if answer.tone is Tone.GOOD and standing.tone is not Tone.GOOD:
            self.dashboard.main.refresh_account(answer.account.name)
        self._find_sources()

    @work(group="change", exit_on_error=False)
    async def action_secret(self) -> None:
        """Type the secret of this account, for this session."""
        standing = self._current
        if standing is None or self._refused():
            return
        account = standing.account
        label = self.dashboard.session.workspace.info(account).secret_field.label
        secret = await self.app.push_screen_wait(SecretScreen(f"Secret of {account.name}", label))
        if secret is None:
            return
        self._put(standing.checking())
        answer = await use_typed(self.dashboard.session, account, secret)
        self._put(answer)
        if answer.tone is Tone.GOOD:
            self.dashboard.main.refresh_account(account.name)
        self._find_sources()

    def action_add(self) -> None:
        """Add an account."""
        if not self._refused():
            self._edit(None)

    def action_edit(self) -> None:
        """Edit the account under the cursor."""
        if self._current is not None and not self._refused():
            self._edit(self._current.account)

    @work(group="change", exit_on_error=False)
    async def _edit(self, account: Account | None) -> None:
        session = self.dashboard.session
        infos = {key: plugin.info for key, plugin in session.workspace.plugins.items()}
        names: list[str] = []

        async def take(draft: Draft, say: Say) -> list[str]:
            names.append(draft.name)
            return await save(session, draft, account, say)

        lines = await self.app.push_screen_wait(AccountForm(infos, take, account))
        if lines:
            await self._tell(f"Account {names[-1]}", lines)
            self.dashboard.reopen(session.follow(also=names[-1]))

    @work(group="change", exit_on_error=False)
    async def action_remove(self) -> None:
        """Remove the account under the cursor, after a question."""
        standing = self._current
        if standing is None or self._refused():
            return
        name = standing.account.name
        question = f"{name} leaves the configuration, and its secret the keyring."
        if not await self.app.push_screen_wait(
            AskScreen(f"Remove account {name}?", question, "Remove", "Cancel")
        ):
            return
        session = self.dashboard.session
        try:
            lines = await remove(session, standing.account)
        except (ConfigError, InvalidInput) as error:
            await self._tell("Not removed", [str(error)])
            return
        await self._tell("Removed", lines)
        self.dashboard.reopen(session.follow())

    async def _tell(self, title: str, lines: list[str]) -> None:
        await self.app.push_screen_wait(PageScreen(title, stacked(lines)))

    def _refused(self) -> bool:
        if self.dashboard.session.workspace.demo:
            self.query_one(".account-facts", Static).update(content(_DEMO))
            return True
        return False

    def action_close(self) -> None:
        """Leave."""
        self.leave(None)


def _several(text: str) -> Content:
    return stacked(text.split("\n"))


def accounts_screen(dashboard: Host, *, adding: bool = False) -> AccountsScreen:
    """Return the screen with what the dashboard knows already."""
    states = dashboard.main.owned.store.accounts
    accounts = dashboard.session.workspace.accounts
    standings = [first_standing(account, states.get(account.name)) for account in accounts]
    return AccountsScreen(standings, adding=adding)


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
