"""Diagnose configuration, files, keyring, terminal and accounts, with a remedy for each problem."""

import asyncio
import contextlib
import locale
import os
import secrets as randomness
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from tui_numbers.domain.accounts import SECRET_VARIABLES, Account, Secret
from tui_numbers.domain.operations import JournalError
from tui_numbers.domain.text import clean
from tui_numbers.providers.environment import (
    AUTHORITIES_FILE,
    AUTHORITIES_FOLDER,
    KEY_LOG,
    authorities_problem,
    key_log_problem,
)
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
from tui_numbers.providers.origins import is_loopback
from tui_numbers.providers.registry import Registry
from tui_numbers.providers.request import Telemetry
from tui_numbers.services.config import Config, ConfigError, load_config
from tui_numbers.services.keyring import Keyring, KeyringProblem, Trouble
from tui_numbers.services.paths import Paths
from tui_numbers.services.secrets import child_environment
from tui_numbers.services.session_factory import journal_of
from tui_numbers.services.workspace import Workspace
from tui_numbers.storage.journal import Journal
from tui_numbers.storage.private_files import places_of, remedy_of, why_exposed

_FILES_TOPIC = "configuration"
_TERMINAL_TOPIC = "terminal"
_ENVIRONMENT_TOPIC = "environment"
_JOURNAL_TOPIC = "journal"
_LEAST = (60, 15)
"""Columns and lines that the dashboard needs."""
_USUAL = (80, 24)
"""Columns and lines with which it shows all columns."""
_ENTRY = "doctor-throw-away"
"""How the name of the entry begins that tries the keyring."""
_SKEW = 60.0
"""Seconds by which a clock may be off without a note."""
_DATABASE_SKEW = 5.0
"""The same for the clock that decides when temporary changes end."""

_CONNECTION_FAILURES = (
    EnvironmentProblem,
    NoAnswer,
    ProgramFailed,
    RateLimited,
    ServerFault,
    Unreachable,
)
"""Failures that tell nothing of credentials."""


class Health(StrEnum):
    """The state of what was examined."""

    OK = "ok"
    NOTE = "note"
    """Not as it could be, and nothing fails for it."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that was examined; never holds a secret."""

    topic: str
    subject: str
    health: Health
    says: str
    remedy: str = ""


def ok(topic: str, subject: str, says: str) -> Diagnostic:
    """Return a diagnostic that is in order."""
    return Diagnostic(topic, subject, Health.OK, says)


def note(topic: str, subject: str, says: str, remedy: str = "") -> Diagnostic:
    """Return a diagnostic that is good to know."""
    return Diagnostic(topic, subject, Health.NOTE, says, remedy)


def bad(topic: str, subject: str, says: str, remedy: str = "") -> Diagnostic:
    """Return a diagnostic for which something fails."""
    return Diagnostic(topic, subject, Health.BAD, says, remedy)


async def examine(
    workspace: Workspace, paths: Paths, registry: Registry, config: list[Diagnostic]
) -> AsyncIterator[Diagnostic]:
    """Yield every diagnostic, as soon as it is there."""
    for diagnostic in (*examine_terminal(os.environ), *examine_environment(os.environ, workspace)):
        yield diagnostic
    if workspace.secrets.keyring is not None:
        async for diagnostic in examine_keyring(workspace.secrets.keyring):
            yield diagnostic
    for diagnostic in (*config, *examine_state(paths), *examine_providers(registry)):
        yield diagnostic
    if workspace.config.journal is not None:
        journal = journal_of(paths, workspace.config, workspace.secrets.keyring)
        for diagnostic in await asyncio.to_thread(examine_database, journal):
            yield diagnostic
    about_accounts = (_examine(workspace, account) for account in workspace.accounts)
    for diagnostics in await asyncio.gather(*about_accounts):
        for diagnostic in diagnostics:
            yield diagnostic


def read_config(paths: Paths, registry: Registry) -> tuple[Config, list[Diagnostic]]:
    """Read the configuration, and return it with diagnostics about it."""
    path = paths.config_file
    try:
        config = load_config(path, registry.infos)
    except ConfigError as error:
        return Config(path=path), [bad(_FILES_TOPIC, "file", str(error), "mend it in an editor")]
    if not path.exists():
        remedy = "tui-numbers accounts add NAME --provider PROVIDER FIELD=VALUE"
        return config, [note(_FILES_TOPIC, "file", f"there is no {path}", remedy)]
    diagnostics = [_mode(path)]
    diagnostics.extend(
        bad(_FILES_TOPIC, "content", problem, "mend it in an editor") for problem in config.problems
    )
    if not config.problems:
        count = len(config.accounts)
        diagnostics.append(
            ok(_FILES_TOPIC, "content", f"{count} account{'' if count == 1 else 's'}")
        )
    return config, diagnostics


def _mode(path: Path) -> Diagnostic:
    for place in places_of(path):
        reason = why_exposed(place)
        if reason is not None:
            says = f"{place}: {reason}, and with it change what secret_command runs"
            return bad(_FILES_TOPIC, "file", says, remedy_of(place))
    return ok(_FILES_TOPIC, "file", f"{path}, mode {stat.S_IMODE(path.stat().st_mode):o}")


def examine_state(paths: Paths) -> Iterator[Diagnostic]:
    """Check the state directory and its files."""
    if not paths.state.exists():
        nearest = next(folder for folder in paths.state.parents if folder.exists())
        if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
            says = f"{paths.state} cannot be made, so nothing can be recorded, nor changed"
            yield bad("state", "directory", says, "set XDG_STATE_HOME to a directory of yours")
            return
        yield ok("state", "directory", f"{paths.state} is made with the first change")
        return
    if not os.access(paths.state, os.W_OK):
        remedy = f"chown -R $USER {paths.state}"
        yield bad("state", "directory", f"{paths.state} cannot be written", remedy)
        return
    reason = why_exposed(paths.state)
    if reason is not None:
        says = f"{paths.state}: {reason}, and change what was recorded"
        yield bad("state", "directory", says, remedy_of(paths.state))
    else:
        yield ok("state", "directory", str(paths.state))
    for path in sorted(paths.state.iterdir()):
        yield _state_file(path)


def _state_file(path: Path) -> Diagnostic:
    try:
        details = path.stat()
    except OSError as error:
        says = f"{path} cannot be used: {error.strerror}"
        return bad("state", path.name, says, f"mv {path} {path}.aside")
    if not stat.S_ISREG(details.st_mode):
        return bad("state", path.name, f"{path} is no file", f"mv {path} {path}.aside")
    mode = stat.S_IMODE(details.st_mode)
    says = f"{details.st_size:,} bytes, mode {mode:o}"
    if os.name == "posix" and mode & 0o077:
        return bad("state", path.name, f"{says}: others can read it", f"chmod go= {path}")
    return ok("state", path.name, says)


def examine_database(journal: Journal) -> list[Diagnostic]:
    """Check the database that holds the team's journal: reach, version, privileges, clock."""
    from tui_numbers.storage.postgres_journal import PostgresJournal

    assert isinstance(journal, PostgresJournal)
    try:
        state = journal.state()
    except JournalError as error:
        says = f"{error}; reading goes on, and every write is refused"
        return [bad(_JOURNAL_TOPIC, "database", says, "tui-numbers help team")]
    finally:
        journal.close()
    local = "" if state.encrypted else ", without TLS"
    says = f"{journal.where}, PostgreSQL {state.server_version}, schema {state.schema}{local}"
    found = [ok(_JOURNAL_TOPIC, "database", says)]
    if state.read_only:
        says = "it takes no writes: a standby, or set to read only"
        found.append(bad(_JOURNAL_TOPIC, "writes", says, "name the primary in config.toml"))
    if state.missing:
        says = f"the role lacks {', '.join(state.missing)}"
        found.append(bad(_JOURNAL_TOPIC, "privileges", says, "tui-numbers help team"))
    skew = state.clock_skew.total_seconds()
    if abs(skew) > _DATABASE_SKEW:
        says = (
            f"the database is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this "
            "machine; its clock decides when temporary changes end"
        )
        found.append(note(_JOURNAL_TOPIC, "clock", says, "timedatectl status"))
    else:
        found.append(ok(_JOURNAL_TOPIC, "clock", "as this machine's"))
    return found


def examine_terminal(environment: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Check size, colours, encoding, multiplexer and clipboard of the terminal."""
    yield _size()
    yield _colours(environment)
    yield _encoding()
    if environment.get("TMUX"):
        yield _tmux()
    else:
        yield ok(_TERMINAL_TOPIC, "clipboard", "copying goes through the terminal (OSC 52)")


def _size() -> Diagnostic:
    if not _is_there():
        return note(
            _TERMINAL_TOPIC, "size", "no terminal here: commands work, the dashboard does not"
        )
    columns, lines = _measured()
    size = f"{columns}x{lines}"
    if columns < _LEAST[0] or lines < _LEAST[1]:
        return bad(_TERMINAL_TOPIC, "size", f"{size} is too small", "make it 80x24 or larger")
    if columns < _USUAL[0] or lines < _USUAL[1]:
        return note(_TERMINAL_TOPIC, "size", f"{size}, so columns are left out", "80x24 shows more")
    return ok(_TERMINAL_TOPIC, "size", size)


def _measured() -> tuple[int, int]:
    """Return the size that the terminal itself has, as the dashboard sees it."""
    for stream in (sys.stderr, sys.stdout, sys.stdin):
        with contextlib.suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(stream.fileno())
            if columns > 0 and lines > 0:
                return columns, lines
    return shutil.get_terminal_size()


def _is_there() -> bool:
    return sys.stdin.isatty() or sys.stdout.isatty() or sys.stderr.isatty()


def _colours(environment: Mapping[str, str]) -> Diagnostic:
    term = environment.get("TERM", "")
    if term in ("", "dumb"):
        if not _is_there():
            return note(_TERMINAL_TOPIC, "colours", f"TERM is {term!r}, and there is no terminal")
        return bad(_TERMINAL_TOPIC, "colours", f"TERM is {term!r}", "export TERM=xterm-256color")
    if environment.get("NO_COLOR"):
        return note(_TERMINAL_TOPIC, "colours", "none: NO_COLOR is set", "unset NO_COLOR")
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        return ok(_TERMINAL_TOPIC, "colours", f"true colour (TERM={term})")
    if "256" in term:
        return ok(_TERMINAL_TOPIC, "colours", f"256 (TERM={term})")
    return note(
        _TERMINAL_TOPIC,
        "colours",
        f"16 (TERM={term})",
        "export TERM=xterm-256color where it has more",
    )


def _encoding() -> Diagnostic:
    name = sys.stdout.encoding or locale.getpreferredencoding(False)
    if name.lower().replace("-", "") == "utf8":
        return ok(_TERMINAL_TOPIC, "text", "UTF-8")
    return bad(_TERMINAL_TOPIC, "text", f"{name}, not UTF-8", "export LC_ALL=C.UTF-8")


def _tmux() -> Diagnostic:
    """Say whether tmux passes copied text on."""
    tmux = shutil.which("tmux")
    try:
        asked = [tmux or "tmux", "show-options", "-sv", "set-clipboard"]
        answer = subprocess.run(  # noqa: S603 - a fixed command
            asked,
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
            env=child_environment(),
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        answer = ""
    if answer == "on":
        return ok(_TERMINAL_TOPIC, "clipboard", "tmux passes copied text on (set-clipboard on)")
    return note(
        _TERMINAL_TOPIC,
        "clipboard",
        f"inside tmux with set-clipboard {answer or 'unknown'}",
        "tmux set -s set-clipboard on",
    )


def examine_environment(
    environment: Mapping[str, str], workspace: Workspace
) -> Iterator[Diagnostic]:
    """Check proxies, certificates, key log and secrets in the environment."""
    addresses = _addresses(workspace)
    yield from _proxies(workspace, addresses)
    # Nothing fails for a certificate that nobody is asked to show.
    uses_tls = any(urlsplit(url).scheme == "https" for url in addresses.values())
    yield from _authorities(environment, uses_tls=uses_tls)
    yield from _key_log(environment, uses_tls=uses_tls)
    yield from _secrets(environment, workspace)


def _addresses(workspace: Workspace) -> Mapping[str, str]:
    """Return where each account is asked over the network; the demo asks nobody there."""
    if workspace.demo:
        return {}
    return {
        account.name: account.base_url or workspace.info(account).base_url
        for account in workspace.accounts
    }


def _proxies(workspace: Workspace, addresses: Mapping[str, str]) -> Iterator[Diagnostic]:
    proxies = getproxies()
    if not any(proxies.get(scheme) for scheme in ("https", "all")):
        yield ok(_ENVIRONMENT_TOPIC, "proxy", "none is named: providers are asked directly")
        return
    through: dict[str, list[str]] = {}
    problems: dict[tuple[str, str], list[str]] = {}
    for name, url in addresses.items():
        try:
            proxy = workspace.http.proxy(url)
        except EnvironmentProblem as problem:
            problems.setdefault((problem.message, problem.hint), []).append(name)
            continue
        why = "this machine itself" if is_loopback(url) else "NO_PROXY"
        way = f"through {proxy}" if proxy is not None else f"directly ({why})"
        through.setdefault(way, []).append(name)
    for way, names in through.items():
        yield ok(_ENVIRONMENT_TOPIC, "proxy", f"{', '.join(names)}: {way}")
    for (message, hint), names in problems.items():
        yield bad(_ENVIRONMENT_TOPIC, "proxy", f"{', '.join(names)}: {message}", hint)
    if not addresses:
        yield ok(
            _ENVIRONMENT_TOPIC, "proxy", "one is named, and no account is asked over the network"
        )


def _authorities(environment: Mapping[str, str], *, uses_tls: bool) -> Iterator[Diagnostic]:
    problem = authorities_problem(environment)
    if problem is not None:
        found = bad if uses_tls else note
        yield found(_ENVIRONMENT_TOPIC, "certificates", problem.message, problem.hint)
        return
    file, folder = environment.get(AUTHORITIES_FILE), environment.get(AUTHORITIES_FOLDER)
    if file and folder:
        says = f"{AUTHORITIES_FOLDER} is not looked at beside {AUTHORITIES_FILE}"
        yield note(
            _ENVIRONMENT_TOPIC,
            "certificates",
            says,
            f"unset one of them ({clean(file, 200)} is used)",
        )
    elif named := file or folder:
        variable = AUTHORITIES_FILE if file else AUTHORITIES_FOLDER
        yield ok(
            _ENVIRONMENT_TOPIC, "certificates", f"authorities of {clean(named, 200)} ({variable})"
        )
    else:
        yield ok(_ENVIRONMENT_TOPIC, "certificates", "authorities of the package certifi")


def _key_log(environment: Mapping[str, str], *, uses_tls: bool) -> Iterator[Diagnostic]:
    named = environment.get(KEY_LOG)
    if not named:
        return
    problem = key_log_problem(environment)
    if problem is not None:
        found = bad if uses_tls else note
        yield found(_ENVIRONMENT_TOPIC, "key log", problem.message, problem.hint)
        return
    says = (
        f"TLS keys are written to {clean(named, 200)}: who reads it can read secrets on their way"
    )
    yield note(_ENVIRONMENT_TOPIC, "key log", says, f"unset {KEY_LOG}")


def _secrets(environment: Mapping[str, str], workspace: Workspace) -> Iterator[Diagnostic]:
    """Name the variables that are meant for a secret, and are no account's."""
    if workspace.demo:
        return
    known = {account.secret_variable for account in workspace.accounts}
    for name in sorted(environment):
        if name.startswith(SECRET_VARIABLES) and name not in known:
            says = f"{clean(name, 80)} is set, and is the variable of no account that is asked"
            yield note(
                _ENVIRONMENT_TOPIC, "secrets", says, "compare it with: tui-numbers accounts list"
            )


async def examine_keyring(keyring: Keyring) -> AsyncIterator[Diagnostic]:
    """Check which keyring is used, and whether an entry survives a round trip."""
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


def examine_providers(registry: Registry) -> list[Diagnostic]:
    """Report which providers are loaded, and why others are not."""
    titles = ", ".join(plugin.info.title for plugin in registry.plugins.values())
    diagnostics = [
        ok("providers", "in use", titles) if titles else bad("providers", "in use", "none")
    ]
    for name, reason in registry.failures.items():
        diagnostics.append(bad("providers", name, reason, "update or remove its package"))
    return diagnostics


async def _examine(workspace: Workspace, account: Account) -> list[Diagnostic]:
    """Check credentials, clock and rate limit of an account."""
    topic = f"account {account.name}"
    try:
        answer = await (await workspace.client(account)).check()
    except ProviderError as error:
        subject = "connection" if isinstance(error, _CONNECTION_FAILURES) else "credentials"
        diagnostics = [bad(topic, subject, error.message, error.hint or _remedy(account, error))]
    else:
        source = workspace.secrets.source(account)
        diagnostics = [ok(topic, "credentials", f"{answer.title} answers; secret from {source}")]
    seen = workspace.telemetry(account)
    diagnostics += _clock(topic, seen)
    if seen.remaining is not None:
        left = f"{seen.remaining:,} requests left"
        few = note(topic, "rate limit", left, "wait a minute, or ask less often")
        diagnostics.append(few if seen.remaining < 2 else ok(topic, "rate limit", left))
    return diagnostics


def _clock(topic: str, seen: Telemetry) -> list[Diagnostic]:
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
