"""Examining the environment: proxies, certificate authorities, the TLS key log, secrets."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies

from tui_numbers.domain.text import clean
from tui_numbers.providers.base_url import is_loopback
from tui_numbers.providers.environment import (
    AUTHORITIES_FILE,
    AUTHORITIES_FOLDER,
    KEY_LOG,
    authorities_problem,
    key_log_problem,
)
from tui_numbers.providers.errors import EnvironmentProblem
from tui_numbers.services.doctor_findings import Finding, bad, note, ok
from tui_numbers.services.workspace import Workspace

_TOPIC = "environment"
_SECRET = "TUI_NUMBERS_SECRET_"  # noqa: S105 - the beginning of a variable's name


def examine_environment(environment: Mapping[str, str], workspace: Workspace) -> Iterator[Finding]:
    """Yield what the environment says of requests and secrets, and whether it can be used."""
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


def _proxies(workspace: Workspace, addresses: Mapping[str, str]) -> Iterator[Finding]:
    proxies = getproxies()
    if not any(proxies.get(scheme) for scheme in ("https", "all")):
        yield ok(_TOPIC, "proxy", "none is named: providers are asked directly")
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
        yield ok(_TOPIC, "proxy", f"{', '.join(names)}: {way}")
    for (message, hint), names in problems.items():
        yield bad(_TOPIC, "proxy", f"{', '.join(names)}: {message}", hint)
    if not addresses:
        yield ok(_TOPIC, "proxy", "one is named, and no account is asked over the network")


def _authorities(environment: Mapping[str, str], *, uses_tls: bool) -> Iterator[Finding]:
    problem = authorities_problem(environment)
    if problem is not None:
        found = bad if uses_tls else note
        yield found(_TOPIC, "certificates", problem.message, problem.hint)
        return
    file, folder = environment.get(AUTHORITIES_FILE), environment.get(AUTHORITIES_FOLDER)
    if file and folder:
        says = f"{AUTHORITIES_FOLDER} is not looked at beside {AUTHORITIES_FILE}"
        yield note(_TOPIC, "certificates", says, f"unset one of them ({clean(file, 200)} is used)")
    elif named := file or folder:
        variable = AUTHORITIES_FILE if file else AUTHORITIES_FOLDER
        yield ok(_TOPIC, "certificates", f"authorities of {clean(named, 200)} ({variable})")
    else:
        yield ok(_TOPIC, "certificates", "authorities of the package certifi")


def _key_log(environment: Mapping[str, str], *, uses_tls: bool) -> Iterator[Finding]:
    named = environment.get(KEY_LOG)
    if not named:
        return
    problem = key_log_problem(environment)
    if problem is not None:
        found = bad if uses_tls else note
        yield found(_TOPIC, "key log", problem.message, problem.hint)
        return
    says = (
        f"TLS keys are written to {clean(named, 200)}: who reads it can read secrets on their way"
    )
    yield note(_TOPIC, "key log", says, f"unset {KEY_LOG}")


def _secrets(environment: Mapping[str, str], workspace: Workspace) -> Iterator[Finding]:
    """Name the variables that are meant for a secret, and are no account's."""
    if workspace.demo:
        return
    known = {account.secret_variable for account in workspace.accounts}
    for name in sorted(environment):
        if name.startswith(_SECRET) and name not in known:
            says = f"{clean(name, 80)} is set, and is the variable of no account that is asked"
            yield note(_TOPIC, "secrets", says, "compare it with: tui-numbers accounts list")
