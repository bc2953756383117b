"""Examining everything that the program leans on: what works, what does not, what to do."""

import asyncio
import os
import secrets as randomness
import time
from collections.abc import AsyncIterator

from tui_numbers.domain.accounts import Account
from tui_numbers.domain.secret import Secret
from tui_numbers.providers.errors import (
    CredentialsRejected,
    EnvironmentProblem,
    NoAnswer,
    ProgramFailed,
    ProviderError,
    RateLimited,
    ServerFault,
    Unreachable,
)
from tui_numbers.providers.registry import Registry
from tui_numbers.providers.seen import Seen
from tui_numbers.services.doctor_environment import examine_environment
from tui_numbers.services.doctor_files import examine_state
from tui_numbers.services.doctor_findings import Finding, bad, note, ok
from tui_numbers.services.doctor_terminal import examine_terminal
from tui_numbers.services.keyring_problems import KeyringProblem, Trouble
from tui_numbers.services.keyrings import Keyring
from tui_numbers.services.paths import Paths
from tui_numbers.services.workspace import Workspace

_ENTRY = "doctor-throw-away"
_SKEW = 60.0
_OF_THE_LINE = (
    EnvironmentProblem,
    NoAnswer,
    ProgramFailed,
    RateLimited,
    ServerFault,
    Unreachable,
)
"""Failures that tell nothing of a key."""


async def examine(
    workspace: Workspace, paths: Paths, registry: Registry, config: list[Finding]
) -> AsyncIterator[Finding]:
    """Yield every finding, as soon as it is there."""
    for finding in (*examine_terminal(os.environ), *examine_environment(os.environ, workspace)):
        yield finding
    if workspace.secrets.keyring is not None:
        async for finding in examine_keyring(workspace.secrets.keyring):
            yield finding
    for finding in (*config, *examine_state(paths), *examine_providers(registry)):
        yield finding
    about_accounts = (_examine(workspace, account) for account in workspace.accounts)
    for findings in await asyncio.gather(*about_accounts):
        for finding in findings:
            yield finding


async def examine_keyring(keyring: Keyring) -> AsyncIterator[Finding]:
    """Yield which keyring is used, and whether it keeps what it is given."""
    try:
        title = await keyring.open()
    except KeyringProblem as problem:
        found = note if problem.trouble in (Trouble.NO_BACKEND, Trouble.CONFIGURED) else bad
        yield found("keyring", "backend", problem.message, problem.remedy)
        return
    yield ok("keyring", "backend", title)
    if keyring.note:
        yield note("keyring", "configured", keyring.note)
    started = time.monotonic()
    entry = f"{_ENTRY}-{randomness.token_hex(4)}"
    try:
        await keyring.write(entry, Secret(randomness.token_hex(8)))
        gone = await keyring.erase(entry)
    except KeyringProblem as problem:
        yield bad("keyring", "round trip", problem.message, problem.remedy)
        return
    took = f"{(time.monotonic() - started) * 1000:.0f} ms, deadline {keyring.seconds:.0f} s"
    if gone:
        yield ok("keyring", "round trip", f"an entry was stored, read and removed in {took}")
    else:
        yield bad("keyring", "round trip", "an entry that was stored was not found again")


def examine_providers(registry: Registry) -> list[Finding]:
    """Return which providers there are, and why others are not in use."""
    titles = ", ".join(plugin.info.title for plugin in registry.plugins.values())
    findings = [ok("providers", "in use", titles) if titles else bad("providers", "in use", "none")]
    for name, reason in registry.failures.items():
        findings.append(bad("providers", name, reason, "update or remove its package"))
    return findings


async def _examine(workspace: Workspace, account: Account) -> list[Finding]:
    """Return what there is to say of an account."""
    topic = f"account {account.name}"
    try:
        answer = await (await workspace.client(account)).check()
    except ProviderError as error:
        subject = "connection" if isinstance(error, _OF_THE_LINE) else "credentials"
        findings = [bad(topic, subject, error.message, error.hint or _remedy(account, error))]
    else:
        source = workspace.secrets.source(account)
        findings = [ok(topic, "credentials", f"{answer.title} answers; secret from {source}")]
    seen = workspace.seen(account)
    findings += _clock(topic, seen)
    if seen.remaining is not None:
        left = f"{seen.remaining:,} requests left"
        few = note(topic, "rate limit", left, "wait a minute, or ask less often")
        findings.append(few if seen.remaining < 2 else ok(topic, "rate limit", left))
    return findings


def _clock(topic: str, seen: Seen) -> list[Finding]:
    if seen.clock_skew is None:
        return []
    apart = abs(seen.clock_skew)
    if apart < _SKEW:
        return [ok(topic, "clock", f"agrees within {max(apart, 1):.0f} s")]
    which = "ahead of" if seen.clock_skew > 0 else "behind"
    says = f"this machine is {apart:,.0f} s {which} the provider"
    return [note(topic, "clock", says, "set the clock: timedatectl set-ntp true")]


def _remedy(account: Account, error: ProviderError) -> str:
    if isinstance(error, CredentialsRejected):
        return f"tui-numbers accounts set-secret {account.name}"
    return f"tui-numbers accounts check {account.name}"
