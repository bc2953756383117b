"""Add or edit an account in a form made from its provider's fields; take its secret."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from tui_numbers.domain.accounts import Account, Secret, secret_text
from tui_numbers.providers.contract import CredentialField, ProviderInfo
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.accounts import check_name, read_fields
from tui_numbers.services.config import ConfigError
from tui_numbers.services.input_parsing import InvalidInput
from tui_numbers.ui.actions import Scope, bindings_of
from tui_numbers.ui.dialogs.dialog import Dialog
from tui_numbers.ui.form_fields import ChoiceField
from tui_numbers.ui.host import InDashboard
from tui_numbers.ui.line_input import LineInput
from tui_numbers.ui.text import content, shown

LONGEST_SECRET = 4096


class _Unlogged:
    """A message that Textual's logs name, without what is in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __rich_repr__(self) -> Iterator[object]:
        yield from ()


class _SecretKey(_Unlogged, events.Key):
    __slots__ = ()


class _SecretPaste(_Unlogged, events.Paste):
    __slots__ = ()


_SecretKey.handler_name = events.Key.handler_name


_SecretPaste.handler_name = events.Paste.handler_name


_SECRET_EVENTS: Final[Mapping[type, type]] = {events.Key: _SecretKey, events.Paste: _SecretPaste}


class SecretInput(Input):
    """A field whose text is masked, never copied nor logged, and leaves with ``take``."""

    class Changed(_Unlogged, Input.Changed, namespace="input"):
        """Posted when the value changes."""

    class Blurred(_Unlogged, Input.Blurred, namespace="input"):
        """Posted when the focus leaves."""

    class Submitted(_Unlogged, Input.Submitted, namespace="input"):
        """Posted when Enter is pressed."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(
            placeholder=shown(placeholder),
            password=True,
            compact=True,
            id="secret",
            max_length=LONGEST_SECRET,
        )
        self.cursor_blink = False

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; a log of Textual's says that there was a key, and not which."""
        hidden = _SECRET_EVENTS.get(type(event))
        if hidden is not None:
            event.__class__ = hidden
        await super().on_event(event)

    def take(self) -> Secret | None:
        """Return what was typed, and forget it."""
        typed = secret_text(self.value)
        with self.prevent(Input.Changed):
            self.value = ""
        return Secret(typed) if typed else None

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""


class SecretScreen(Dialog[Secret | None]):
    """Dismissed with the secret, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.HIDDEN)

    def __init__(self, title: str, label: str) -> None:
        super().__init__()
        self._title = title
        self._label = label

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        with Vertical(classes="dialog"):
            yield Static(content(self._title), classes="dialog-title", markup=False)
            yield SecretInput(self._label)
            note = "Enter takes it, until the program ends · Esc cancels"
            yield Static(note, classes="dialog-note", markup=False)

    def on_mount(self) -> None:
        """Begin to type."""
        self.set_focus(self.query_one(SecretInput))

    @on(Input.Submitted)
    def _taken(self) -> None:
        secret = self.query_one(SecretInput).take()
        if secret is not None:
            self.leave(secret)

    def action_cancel(self) -> None:
        """Leave without one."""
        self.query_one(SecretInput).take()
        self.leave(None)


_NOTE = "Ctrl+S tries it and saves · Tab moves · Esc leaves"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form holds, checked by its declaration; the secret is None where it stays."""

    name: str
    info: ProviderInfo
    stored: Mapping[str, str]
    secret: Secret | None


Take = Callable[[Draft, Callable[[str], None]], Awaitable[list[str]]]
"""Tries and saves a draft, telling its steps; returns what to say of it."""


class _Row(Vertical):
    """A label, its control, and what is wrong."""

    def __init__(self, key: str, label: str, control: Input | ChoiceField, says: str) -> None:
        super().__init__(classes="setting-field")
        self.key = key
        self.control = control
        self.help_text = says
        self.label = label
        self._before = control.value

    @property
    def is_changed(self) -> bool:
        """Whether it holds something else than at first."""
        return self.control.value != self._before

    def compose(self) -> ComposeResult:
        """Lay the row out."""
        with Horizontal(classes="setting-line"):
            yield Static(content(self.label), classes="setting-label", markup=False)
            yield self.control
        yield Static("", classes="setting-problem", markup=False)

    def complain(self, problem: str) -> None:
        """Show what is wrong, or nothing."""
        self.set_class(bool(problem), "-problem")
        line = self.query_one(".setting-problem", Static)
        line.update(content(problem))
        line.display = bool(problem)


class AccountForm(InDashboard, Dialog[list[str] | None]):
    """Dismissed with what to say of an account that was saved, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Scope.ACCOUNT_FORM)

    def __init__(self, infos: Mapping[str, ProviderInfo], take: Take, account: Account | None):
        super().__init__()
        self._infos = infos
        self._take = take
        self._account = account
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay the form out."""
        account = self._account
        title = f"Edit account {account.name}" if account else "Add an account"
        with Vertical(classes="dialog account-form"):
            yield Static(content(title), classes="dialog-title", markup=False)
            with VerticalScroll(can_focus=False, classes="account-fields"):
                if account is None:
                    yield _Row("name", "Name", _input("uk-desk"), "your own name for it")
                    choices = tuple((key, info.title) for key, info in self._infos.items())
                    yield _Row("provider", "Provider", ChoiceField(choices, choices[0][0]), "")
                yield Vertical(*self._rows(), id="provider-fields")
            yield Static("", classes="form-help", markup=False)
            yield Static(_NOTE, classes="dialog-note", markup=False)

    @property
    def _info(self) -> ProviderInfo:
        if self._account is not None:
            return self._infos[self._account.provider]
        for choice in self.query(ChoiceField):
            if isinstance(choice.parent, Horizontal) and self._row_of(choice).key == "provider":
                return self._infos[choice.value]
        return next(iter(self._infos.values()))

    def _rows(self) -> list[_Row]:
        rows = [self._row(spec) for spec in self._info.fields]
        if self._account is None:
            url = _input("optional, such as a sandbox's address")
            rows.append(_Row("base_url", "Base URL", url, "https, or http on this machine"))
        return rows

    def _row(self, spec: CredentialField) -> _Row:
        old = self._account.fields.get(spec.key, "") if self._account is not None else ""
        if spec.secret:
            hint = "empty keeps the one in use" if self._account is not None else "not shown"
            return _Row(spec.key, spec.label, SecretInput(hint), spec.help)
        if spec.choices:
            none = () if spec.required else (("", "as usual"),)
            choices = (*none, *((word, word) for word in spec.choices))
            return _Row(spec.key, spec.label, ChoiceField(choices, old or choices[0][0]), spec.help)
        hint = spec.example if spec.required else f"optional {spec.example}".rstrip()
        return _Row(spec.key, spec.label, _input(hint, old), spec.help)

    def _row_of(self, control: object) -> _Row:
        return next(row for row in self.query(_Row) if row.control is control)

    @on(ChoiceField.Changed)
    async def _other_provider(self, event: ChoiceField.Changed) -> None:
        if self._row_of(event.field).key == "provider":
            fields = self.query_one("#provider-fields")
            await fields.remove_children()
            await fields.mount_all(self._rows())

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    def on_descendant_focus(self) -> None:
        """Say what the field under the cursor is for."""
        for row in self.query(_Row):
            if row.control is self.focused:
                self._say(row.help_text)

    def _say(self, text: str) -> None:
        if self.stands:
            self.query_one(".form-help", Static).update(content(text))

    def _complain(self, key: str, problem: str) -> None:
        for row in self.query(_Row):
            if row.key == key:
                row.complain(problem)
                self.set_focus(row.control)
                return
        self._say(problem)

    def _draft(self) -> Draft:
        """Return what the form holds.

        Raises:
            InvalidInput: Something of it cannot be used.
        """
        info, values = self._info, {}
        name = self._account.name if self._account is not None else ""
        for row in self.query(_Row):
            row.complain("")
            if row.key == "name":
                name = row.control.value.strip()
            elif row.key not in ("provider", info.secret_field.key) and row.control.value.strip():
                values[row.key] = row.control.value
        check_name(name)
        stored = read_fields(info, values)
        field = self.query_one(SecretInput)
        if self._account is None and not field.value.strip():
            raise InvalidInput(info.secret_field.key, f"{info.secret_field.label} is needed")
        return Draft(name, info, stored, field.take())

    @work(exit_on_error=False)
    async def action_save(self) -> None:
        """Try the account, save it, and leave."""
        if self._busy:
            return
        self._busy = True
        try:
            self.leave(await self._take(self._draft(), self._say))
        except InvalidInput as error:
            self._complain(error.field, str(error))
        except (ProviderError, ConfigError) as error:
            self._say(f"not saved: {error}")
        finally:
            self._busy = False

    @property
    def unsaved(self) -> str:
        """What was typed and not saved yet."""
        changed = [row.label for row in self.query(_Row) if row.is_changed]
        return ", ".join(changed)

    @work
    async def action_close(self) -> None:
        """Leave; nothing is saved, and what was typed is not dropped unasked."""
        await self.leave_unsaved()

    def leave(self, result: list[str] | None = None) -> None:
        """End the form, and forget the secret that was typed."""
        self.query_one(SecretInput).take()
        super().leave(result)


def _input(placeholder: str, value: str = "") -> Input:
    return LineInput(value, placeholder=placeholder, max_length=200)
