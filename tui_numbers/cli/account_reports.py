"""What ``accounts list`` and ``accounts check`` print."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tui_numbers.cli import exits
from tui_numbers.cli.output import Column, chosen_format, write_csv, write_json, write_table
from tui_numbers.cli.running import Job
from tui_numbers.domain.accounts import Account
from tui_numbers.providers.contract import AccountCheck
from tui_numbers.providers.errors import ProviderError
from tui_numbers.services.keyring_problems import KeyringProblem
from tui_numbers.services.opening import chosen
from tui_numbers.wording.values import ACCOUNT_WORKS, UNKNOWN, failure_words


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
_CHECKED = (
    *_SHARED,
    Column[Report]("State", lambda report: report.state or UNKNOWN, coloured=True),
    Column[Report]("", lambda report: report.said, narrowest=10),
)


async def _report(job: Job, account: Account) -> Report:
    info = job.session.workspace.info(account)
    first = next(spec.key for spec in info.fields if not spec.secret)
    problem = ""
    source: str | None = None
    try:
        source = await job.session.workspace.secrets.expected(account)
    except KeyringProblem as trouble:
        problem = trouble.message
    identifier = f"{first} {account.fields.get(first, UNKNOWN)}"
    return Report(account, identifier, source, secret_problem=problem)


async def write_list(job: Job, form: str | None) -> int:
    """Print the configured accounts."""
    listed = chosen(job.session.workspace.accounts, job.flags.accounts or None)
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
    return exits.DONE


async def write_check(job: Job, form: str | None) -> int:
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
    return exits.of_reading(len(reports), failures, gave=gave)


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
