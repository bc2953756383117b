"""`accounts`: list, check, add, rename and remove accounts, and replace their secrets."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli import errors
from tui_numbers.cli.completion import account_words, field_words, provider_words
from tui_numbers.cli.deferred import (
    accounts,
    asyncio,
    config,
    input_parsing,
    kernel_keyring,
    keyring,
    paths,
    registry,
    runtime,
    session_factory,
)
from tui_numbers.cli.deferred import secrets as secret_service
from tui_numbers.cli.options import WithGlobals, command, format_option
from tui_numbers.cli.output import Column, chosen_format, write_csv, write_json, write_table
from tui_numbers.cli.terminal import Notices, can_ask
from tui_numbers.domain.accounts import Account, Secret, secret_text
from tui_numbers.domain.text import nearest
from tui_numbers.providers.errors import ProviderError
from tui_numbers.wording.cells import shown
from tui_numbers.wording.values import ACCOUNT_WORKS, UNKNOWN, failure_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from tui_numbers.cli.global_flags import Flags
    from tui_numbers.cli.runtime import Job
    from tui_numbers.providers.contract import AccountCheck
    from tui_numbers.providers.registry import Registry
    from tui_numbers.services.config import Config
    from tui_numbers.services.secrets import Kept, Secrets


class _AccountsGroup(WithGlobals, click.Group):
    """The group of account commands."""


@click.group("accounts", cls=_AccountsGroup, examples=("accounts list", "accounts check"))
def accounts_group() -> None:
    """List, check, add and edit accounts."""


@command(
    "list",
    help="Configured accounts, and where the secret of each would come from.",
    brief="Configured accounts, and where each secret comes from.",
    examples=("accounts list", "accounts list --format json"),
)
@format_option()
@click.pass_obj
def list_accounts(flags: Flags, form: str | None) -> int:
    """List accounts."""

    async def work(job: Job) -> int:
        return await _list(job, form)

    return runtime.run(flags, work, need_accounts=False)


@command(
    "check",
    help="Ask each account whether its credentials work.",
    examples=("accounts check", "accounts check uk-sms"),
)
@click.argument("names", metavar="[NAME…]", nargs=-1, shell_complete=account_words)
@format_option()
@click.pass_obj
def check(flags: Flags, names: tuple[str, ...], form: str | None) -> int:
    """Check accounts."""

    async def work(job: Job) -> int:
        return await _check(job, form)

    return runtime.run(replace(flags, accounts=(*flags.accounts, *names)), work)


@command(
    "add",
    help="Add an account. The secret is asked for without showing it, or read from standard "
    "input; it is checked before anything is saved.",
    examples=("accounts add uk-sms --provider vonage api_key=a1b2c3d4",),
    on_demo=False,
)
@click.argument("name")
@click.argument("fields", metavar="FIELD=VALUE…", nargs=-1, shell_complete=field_words)
@click.option(
    "--provider",
    required=True,
    metavar="P",
    help="parakeet, fonedynamics, vonage, twilio, telnyx.",
    shell_complete=provider_words,
)
@click.option("--no-check", is_flag=True, help="Save it without asking the provider.")
@click.pass_obj
def add(flags: Flags, /, **given: Any) -> int:
    """Add an account."""
    _refuse_demo(flags)
    return _add(flags, **given)


@command(
    "remove",
    help="Remove an account from the configuration and the keyring; its numbers stay as they are.",
    brief="Remove an account from the configuration and the keyring.",
    examples=("accounts remove uk-sms --yes",),
    on_demo=False,
)
@click.argument("name", shell_complete=account_words)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(flags: Flags, name: str, yes: bool) -> int:
    """Remove an account."""
    _refuse_demo(flags)
    return _remove(name, yes=yes)


@command(
    "rename",
    help="Give an account, and its secret in the keyring, another name.",
    examples=("accounts rename uk-sms uk-night",),
    on_demo=False,
)
@click.argument("name", shell_complete=account_words)
@click.argument("new")
@click.pass_obj
def rename(flags: Flags, name: str, new: str) -> int:
    """Rename an account."""
    _refuse_demo(flags)
    return _rename(name, new)


@command(
    "set-secret",
    help="Check a secret, and keep it in the keyring; where there is none, say what to do.",
    brief="Check a secret, and keep it in the keyring.",
    examples=("accounts set-secret uk-sms",),
    on_demo=False,
)
@click.argument("name", shell_complete=account_words)
@click.pass_obj
def set_secret(flags: Flags, name: str) -> int:
    """Set a secret."""
    _refuse_demo(flags)
    return _replace_secret(flags, name)


for _one in (list_accounts, check, add, remove, rename, set_secret):
    accounts_group.add_command(_one)


def _refuse_demo(flags: Flags) -> None:
    if flags.demo:
        raise click.UsageError("the demo's accounts cannot be edited; leave --demo out")


@dataclass(frozen=True)
class Report:
    """One account, as far as it is known."""

    account: Account
    identifier: str
    secret_source: str | None
    state: str | None = None
    error: str | None = None
    said: str = ""
    secret_problem: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """The JSON record."""
        return {
            "name": self.account.name,
            "provider": self.account.provider,
            "fields": dict(self.account.fields),
            "base_url": self.account.base_url,
            "read_only": self.account.read_only,
            "production": self.account.production,
            "secret_source": self.secret_source,
            "state": self.state,
            "error": self.error,
        }

    @property
    def marks(self) -> str:
        """The flags that protect it."""
        marks = {"read-only": self.account.read_only, "production": self.account.production}
        return " ".join(word for word, is_set in marks.items() if is_set)


_SHARED: tuple[Column[Report], ...] = (
    Column("Account", lambda report: report.account.name),
    Column("Provider", lambda report: report.account.provider),
    Column("Identifier", lambda report: report.identifier, narrowest=12, optional=2),
    Column("Marks", lambda report: report.marks or UNKNOWN, optional=1),
)

_LISTED = (
    *_SHARED,
    Column[Report](
        "Secret from", lambda report: report.secret_source or "nowhere yet", narrowest=16
    ),
)


def _tone(report: Report) -> str:
    return "good" if report.state == ACCOUNT_WORKS else "bad"


_CHECKED = (
    *_SHARED,
    Column[Report]("State", lambda report: report.state or UNKNOWN, tone=_tone),
    Column[Report]("", lambda report: report.said, narrowest=10),
)


async def _report(job: Job, account: Account) -> Report:
    info = job.session.workspace.info(account)
    first = next((spec.key for spec in info.fields if not spec.secret), None)
    problem = ""
    source: str | None = None
    try:
        source = await job.session.workspace.secrets.expected(account)
    except keyring.KeyringProblem as trouble:
        problem = trouble.message
    identifier = f"{first} {account.fields.get(first, UNKNOWN)}" if first else ""
    return Report(account, identifier, source, secret_problem=problem)


async def _list(job: Job, form: str | None) -> int:
    """Print the configured accounts."""
    listed = session_factory.select_accounts(
        job.session.workspace.accounts, job.flags.accounts or None
    )
    reports = [await _report(job, account) for account in listed]
    _write(reports, form, _LISTED)
    if not reports:
        job.notices.say(
            f"no account is configured in {job.session.paths.config_file}; add one with: "
            "tui-numbers accounts add NAME --provider PROVIDER FIELD=VALUE"
        )
    for report in reports:
        if report.secret_source is None:
            why = report.secret_problem or "it has no entry in the keyring"
            job.notices.say(
                f"{report.account.name}: no secret: {why}; every way on: "
                f"tui-numbers accounts set-secret {report.account.name}"
            )
    return errors.DONE


async def _check(job: Job, form: str | None) -> int:
    """Ask each account, and print whether it works."""
    workspace = job.session.workspace
    job.notices.status(f"asking {len(workspace.accounts)} accounts")

    async def ask(account: Account) -> AccountCheck:
        return await (await workspace.client(account)).check()

    answers = await asyncio.gather(*map(ask, workspace.accounts), return_exceptions=True)
    job.notices.clear()
    reports, failures = [], {}
    for account, answer in zip(workspace.accounts, answers, strict=True):
        if isinstance(answer, BaseException) and not isinstance(answer, ProviderError):
            raise answer
        if isinstance(answer, ProviderError):
            failures[account.name] = answer
        reports.append(_checked(await _report(job, account), answer))
    _write(reports, form, _CHECKED)
    for report in reports:
        if report.error:
            job.notices.say(f"{report.account.name}: {report.error}")
    gave = len(failures) < len(reports)
    return errors.code_of_listing(len(reports), failures, gave=gave)


def _checked(report: Report, answer: AccountCheck | ProviderError) -> Report:
    if isinstance(answer, ProviderError):
        return replace(report, state=failure_words(answer), error=str(answer))
    balance = f", balance {answer.balance}" if answer.balance is not None else ""
    return replace(report, state=ACCOUNT_WORKS, said=f"{answer.title}{balance}")


def _write(reports: Sequence[Report], form: str | None, columns: Sequence[Column[Report]]) -> None:
    match chosen_format(form):
        case "json":
            write_json([report.record for report in reports])
        case "csv":
            rows = [_flat(report.record) for report in reports]
            write_csv(list(reports[0].record) if reports else ["name"], rows)
        case _:
            write_table(columns, reports)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    fields = " ".join(f"{key}={value}" for key, value in record["fields"].items())
    return {**record, "fields": fields}


_LONGEST_SECRET = 4096


def _add(flags: Flags, *, name: str, fields: tuple[str, ...], provider: str, no_check: bool) -> int:
    """Check an account and write it down; return the exit code."""
    known = registry.load_registry()
    plugin = known.plugins.get(provider.lower())
    if plugin is None:
        fix = nearest(provider.lower(), known.plugins)
        raise input_parsing.InvalidInput("provider", f"no provider {provider!r}; {fix}")
    accounts.check_name(name)
    path = paths.Paths.of_user().config_file
    _refuse_taken(path, known, name)
    stored = accounts.read_fields(plugin.info, _pairs(fields))
    account = accounts.account_of(name, plugin.info.key, stored)

    def save() -> None:
        accounts.add_account(path, name, plugin.info.key, stored)
        Notices().say(f"saved account {name} in {path}")

    if no_check:
        save()
        Notices().say(f"next: tui-numbers accounts set-secret {name}")
        return errors.DONE
    secret = _read_secret(account, plugin.info.secret_field.label)
    return _take_in(flags, known, account, secret, save)


def _replace_secret(flags: Flags, name: str) -> int:
    """Check another secret for a configured account, and keep it; return the exit code."""
    known = registry.load_registry()
    (account,) = session_factory.select_accounts(_read_config(known).accounts, (name,))
    label = known.plugins[account.provider].info.secret_field.label
    secret = _read_secret(account, label)
    return _take_in(flags, known, account, secret, unkept=errors.NOT_DONE)


def _read_config(known: Registry) -> Config:
    """Return the configuration.

    Raises:
        ConfigError: It holds something that cannot be used.
    """
    read = config.load_config(paths.Paths.of_user().config_file, known.infos)
    if read.problems:
        raise config.ConfigError("\n".join(read.problems))
    return read


def _own_secrets() -> Secrets:
    """Return the places that keep secrets on this machine."""
    return secret_service.Secrets(keyring=keyring.Keyring(), kernel=kernel_keyring.KernelKeyring())


def _refuse_taken(path: Path, known: Registry, name: str) -> None:
    if name in {account.name for account in config.load_config(path, known.infos).accounts}:
        raise accounts.taken(name)


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            # The word itself is not repeated: it may be a secret in the wrong place.
            raise click.UsageError(
                "what follows the name is FIELD=VALUE; see: tui-numbers help accounts"
            )
        pairs[key.strip()] = value
    return pairs


def _read_secret(account: Account, label: str) -> Secret:
    """Ask for a secret without showing it, or take the first line of standard input."""
    if can_ask():
        typed: str = click.prompt(
            f"{label} of {account.name} (not shown)",
            hide_input=True,
            err=True,
            default="",
            show_default=False,
        )
    else:
        typed = sys.stdin.readline(_LONGEST_SECRET)
    secret = secret_text(typed)
    if not secret:
        raise input_parsing.InvalidInput(
            "secret", f"no secret was given for {account.name}: type it, or pipe it in"
        )
    return Secret(secret)


def _take_in(
    flags: Flags,
    known: Registry,
    account: Account,
    secret: Secret,
    save: Callable[[], None] = lambda: None,
    *,
    unkept: int = errors.DONE,
) -> int:
    """Try a secret at the provider; only when it works, save the account and keep the secret.

    ``unkept`` is the exit code where no place keeps the secret.
    """
    notices, secrets = Notices(), _own_secrets()

    async def work() -> int:
        answer = await accounts.try_secret(known.plugins, account, secret, flags.timing)
        notices.clear()
        balance = f", balance {answer.balance}" if answer.balance is not None else ""
        notices.say(f"{account.name}: the secret works: {answer.title}{balance}")
        save()
        kept = await _keep(secrets, account, secret, notices)
        _tell_kept(notices, account, secrets, kept)
        return errors.DONE if kept.where is not None else unkept

    notices.status(f"{account.name}: asking the provider")
    try:
        return runtime.Signals().run(work)
    finally:
        notices.clear()


async def _keep(secrets: Secrets, account: Account, secret: Secret, notices: Notices) -> Kept:
    notices.status("asking the keyring")
    try:
        return await secret_service.keep_secret(secrets, account, secret)
    finally:
        notices.clear()


def _tell_kept(notices: Notices, account: Account, secrets: Secrets, kept: Kept) -> None:
    if kept.where is not None:
        notices.say(f"its secret is in the {kept.where}")
    if kept.note:
        notices.say(f"note: {kept.note}")
    if kept.problem is not None:
        notices.say(f"its secret is not in a keyring: {kept.problem.message}")
    if kept.instead is not None:
        notices.say(f"note: {kept.instead} goes before all other places, and is used instead")
    if kept.where is not None or kept.problem is None:
        return
    kernel = secrets.kernel is not None and secrets.kernel.available()
    if kept.problem.remedy and not kept.problem.is_absent:
        notices.say(f"to do: {kept.problem.remedy}")
    if kept.instead is None:
        notices.say("Commands and the dashboard will ask for it. To spare that, do one of these:")
        for line in secret_service.ways_to_supply(account, secrets.keyring, kernel=kernel):
            notices.say(line)


def _remove(name: str, *, yes: bool) -> int:
    """Take an account out of the configuration and the keyring; return the exit code."""
    path = paths.Paths.of_user().config_file
    if not yes and can_ask():
        click.echo(shown(f"Remove account {name} from {path}? [y/N] "), nl=False, err=True)
        yes = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not yes:
        Notices().say("not confirmed: add --yes; nothing was removed")
        return errors.REFUSED
    accounts.remove_account(path, name)
    Notices().say(f"removed account {name} from {path}; its numbers are untouched")
    secrets = _own_secrets()

    async def work() -> int:
        return await _tell(
            lambda: secret_service.drop_secret(secrets, name),
            "removed its secret from the keyring ({title})",
            f"its secret may still be in the keyring, under service tui-numbers, user {name}",
            secrets,
        )

    return runtime.Signals().run(work)


def _rename(name: str, new: str) -> int:
    """Give an account, and its secret, another name; return the exit code."""
    path = paths.Paths.of_user().config_file
    known = {account.name: account for account in _read_config(registry.load_registry()).accounts}
    accounts.rename_account(path, name, new)
    account = known.get(name, Account(name, ""))
    notices, secrets = Notices(), _own_secrets()
    notices.say(f"account {name} is called {new} now")
    if secrets.environment.get(account.secret_variable):
        variable = replace(account, name=new).secret_variable
        notices.say(f"its secret is looked for in {variable} now, not {account.secret_variable}")

    async def work() -> int:
        return await _tell(
            lambda: secret_service.move_secret(secrets, account, new),
            "moved its secret in the keyring ({title})",
            f"its secret was not moved in the keyring: tui-numbers accounts set-secret {new}",
            secrets,
        )

    return runtime.Signals().run(work)


async def _tell(
    act: Callable[[], Awaitable[bool]], done: str, uncertain: str, secrets: Secrets
) -> int:
    """Say what became of the keyring's entry; return the exit code."""
    notices = Notices()
    try:
        if await act():
            title = secrets.keyring.title if secrets.keyring is not None else ""
            notices.say(done.format(title=title))
    except keyring.KeyringProblem as problem:
        if problem.is_absent:
            return errors.DONE
        notices.say(f"{uncertain} ({problem.message})")
        if problem.remedy:
            notices.say(f"to do: {problem.remedy}")
        return errors.PARTLY
    return errors.DONE
