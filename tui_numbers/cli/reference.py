"""Make the pages of `help`, and the tables that they and the README derive from the code."""

from __future__ import annotations

import os
import re
import shlex
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from tui_numbers.cli import errors
from tui_numbers.cli.deferred import (
    config,
    config_keys,
    contract,
    faults,
    keyring,
    paths,
    registry,
    sandbox_accounts,
)
from tui_numbers.domain.accounts import SECRET_VARIABLES
from tui_numbers.domain.operations import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_numbers.providers.contract import Offer, ProviderInfo

WIDTH = 78
"""Cells that a line of text takes at most, save for what is to be copied whole."""

_WIDEST_WORD = 20
_KEY_WORDS = 42
_STATE = "$XDG_STATE_HOME/tui-numbers"


def exit_codes() -> list[tuple[str, str]]:
    """Return what each exit code means."""
    meanings = (
        (errors.DONE, "done and verified, or nothing to do"),
        (errors.NOT_DONE, "not done: failed, or different from what was asked"),
        (errors.USAGE, "usage or configuration"),
        (errors.CREDENTIALS, "credentials, of all accounts that were asked"),
        (errors.PARTLY, "partly done, or a listing that is incomplete"),
        (errors.UNKNOWN, "outcome unknown or pending: settle it before anything is sent again"),
        (errors.REFUSED, "refused: read-only, locked, conflict, not confirmed, not offered"),
        (errors.INTERRUPTED, "stopped by Ctrl+C; other signals: 128 and their number"),
    )
    return [(str(code), meaning) for code, meaning in meanings]


def outcomes() -> list[tuple[str, str]]:
    """Return what each outcome of a write means."""
    return [(one.value, one.meaning) for one in Outcome]


def environment() -> list[tuple[str, str]]:
    """Return the variables that the program reads."""
    return [
        (f"{SECRET_VARIABLES}NAME", "the secret of an account; upper case, '-' becomes '_'"),
        ("TUI_NUMBERS_DRIVER", "plain: draw as Textual itself does, for a garbled screen"),
        (
            faults.ENVIRONMENT_VARIABLE,
            "makes demo and sandbox misbehave, such as vonage:update:503",
        ),
        ("HTTPS_PROXY, ALL_PROXY", "the way to providers: http://, https://, socks5:// HOST:PORT"),
        ("NO_PROXY", "hosts, addresses and networks that are asked directly, by comma"),
        ("SSL_CERT_FILE, SSL_CERT_DIR", "authorities of your own in place of those of certifi"),
        ("PYTHON_KEYRING_BACKEND", "MODULE.CLASS of a keyring to use in place of the system's"),
        ("NO_COLOR", "any value: no colours"),
        ("PAGER", "shows what is longer than the terminal"),
        ("XDG_CONFIG_HOME", "config.toml is in its directory tui-numbers; else ~/.config"),
        ("XDG_STATE_HOME", "journal, snapshot and log are there; else ~/.local/state"),
    ]


def troubleshooting() -> list[tuple[str, str]]:
    """Return what people see when something is wrong, and what to do about it."""
    return [
        ("key rejected", "tui-numbers accounts check NAME, then accounts set-secret NAME"),
        ("no secret", "type it on A, or see: tui-numbers help secrets"),
        ("no keyring", "tui-numbers help headless"),
        ("unreachable, no answer", "others work on; it is asked again; doctor names the host"),
        ("the proxy … (VARIABLE)", "correct or unset that variable, or name the host in NO_PROXY"),
        ("SOCKS is not installed", "pip install 'httpx[socks]' beside this program"),
        ("certificate not trusted", "SSL_CERT_FILE=FILE names authorities of your own"),
        ("waiting … s", "the provider limits requests: it goes on by itself"),
        ("exit code 4 of list", "standard error names what is missing; the rest is printed"),
        ("unknown", "do not send it again: S on it in History (3), or history --settle"),
        ("pending", "it is bought, and not listed yet: do not buy it again; settle it likewise"),
        ("changed since it was shown", "somebody was quicker: look again, then decide again"),
        ("a key is dim", "press it: it says why it does nothing here"),
        ("colours hard to read", "T changes the theme; NO_COLOR=1 does without"),
        ("a garbled screen", "TUI_NUMBERS_DRIVER=plain tui-numbers"),
        ("too small", "make the window larger, or use the commands: tui-numbers --help"),
        ("the program failed", f"the file it names ({_STATE}/errors.log) tells more, no secret"),
    ]


def sandbox_account() -> str:
    """Return the command that adds an account of the sandbox, piping its secret in."""
    account = next(one for one in sandbox_accounts.ACCOUNTS if one.provider == "vonage")
    words = [f"{key}={value}" for key, value in account.fields.items()]
    words.append(f"base_url=http://127.0.0.1:8470{account.base_path}")
    return (
        f"  echo {shlex.quote(account.secret)} | tui-numbers accounts add try-uk \\\n"
        f"    --provider {account.provider} {' '.join(words)}"
    )


def sandbox_export() -> str:
    """Return the line that gives a shell the secret of that account."""
    account = next(one for one in sandbox_accounts.ACCOUNTS if one.provider == "vonage")
    return f"  export TUI_NUMBERS_SECRET_TRY_UK={account.secret}"


def headless_recipe() -> str:
    """Return the line that starts a shell with an encrypted keyring."""
    return keyring.HEADLESS_RECIPE


def cron_line() -> str:
    """Return the line by which cron puts temporary changes back."""
    settings = "".join(f"{name}={shlex.quote(value)} " for name, value in _places())
    run = f"{settings}{_program()} due --run --format table"
    return f"   */5 * * * * {run} 2>&1 | logger -t tui-numbers"


def systemd_unit() -> str:
    """Return the unit by which systemd keeps a runner for temporary changes."""
    lines = [
        "[Unit]",
        "Description=Put temporary changes of phone numbers back",
        "",
        "[Service]",
        *(f'Environment="{name}={value}"' for name, value in _places()),
        f"ExecStart={_program()} due --watch",
        "Restart=on-failure",
        "RestartSec=30",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(f"   {line}".rstrip() for line in lines)


def _places() -> list[tuple[str, str]]:
    """Return the variables that say where the program's files are, which cron does not know."""
    names = ("XDG_CONFIG_HOME", "XDG_STATE_HOME")
    return [(name, os.environ[name]) for name in names if os.environ.get(name)]


def _program() -> str:
    """Return how this program is started from any directory."""
    path = Path(sys.argv[0])
    if path.name == "tui-numbers" and path.exists():
        return shlex.quote(str(path.absolute()))
    return f"{shlex.quote(sys.executable)} -m tui_numbers"


def keys_text() -> str:
    """Return the dashboard's keys as the configuration has them."""
    from tui_numbers.ui.palette import key_rows

    try:
        keymap = config.load_config(paths.Paths.of_user().config_file, {}).keymap
    except config.ConfigError:
        # A page that helps is shown whatever state the file is in.
        keymap = config.Config().keymap
    lines: list[str] = []
    last = ""
    for group, keys, words, identifier in key_rows(keymap):
        if group != last:
            lines += [*([""] if last else []), group]
            last = group
        first, *rest = wrapped(words, _KEY_WORDS)
        lines.append(f"  {keys:<13} {first:<{_KEY_WORDS}} {identifier}")
        lines += [f"  {'':<13} {line}" for line in rest]
    return "\n".join(lines)


def _offer(offer: Offer, words: str = "yes") -> str:
    return words if offer.offered else f"no: {offer.reason}"


def _searches(info: ProviderInfo) -> str:
    parts = (one.partition(":") for one in sorted(info.search_filters))
    words = ["country", *(f"{name} ({place})" if place else name for name, _, place in parts)]
    here = [word for word in ("type", "features", "pattern") if not _honours(info, word)]
    rest = f"; filtered here: {', '.join(here)}" if here else ""
    return f"by {', '.join(words)}{rest}"


def _honours(info: ProviderInfo, word: str) -> bool:
    return any(one.partition(":")[0] == word for one in info.search_filters)


def _targets(info: ProviderInfo) -> str:
    kinds = (
        f"{kind.key} ({' and '.join(kind.channels)})"
        for kind in info.target_kinds
        if info.can_be_set(kind.key)
    )
    return ", ".join(kinds)


def provider_facts(info: ProviderInfo) -> list[tuple[str, str]]:
    """Return what a provider offers and does not, as it declares it."""
    asks = info.buy_target is contract.BuyTarget.REQUIRED
    hidden = ", ".join(spec.key for spec in info.settings if not spec.readable)
    shown = ", ".join(spec.key for spec in info.settings if not spec.settable)
    stuck = [spec.key for spec in info.settings if spec.settable and not spec.clearable]
    all_stuck = len(stuck) == len(info.settings) > 1
    return [
        ("Owned numbers", "yes"),
        ("Search stock", _offer(info.search, _searches(info))),
        ("Buy", _offer(info.buy, "yes, with its target (--to)" if asks else "yes")),
        ("Release", _offer(info.release)),
        ("Prices", f"in {info.currency}" if info.currency else f"no: {info.price_unknown}"),
        ("Point at", _targets(info)),
        ("Settings", ", ".join(spec.key for spec in info.settings if spec.settable)),
        ("Shown, not set from here", shown or "none"),
        ("A purchase may name", ", ".join(field.key for field in info.buy_fields) or "nothing"),
        ("Cannot be cleared", "all of them" if all_stuck else ", ".join(stuck) or "none"),
        ("Never read back", hidden or "none"),
        ("Lost by any update", ", ".join(info.not_carried_over) or "nothing"),
    ]


def infos() -> dict[str, ProviderInfo]:
    """Return what the providers that can be loaded declare, by key."""
    return dict(sorted(registry.load_registry().infos.items()))


def providers_text(known: dict[str, ProviderInfo]) -> str:
    """Return a block for each provider."""
    return "\n\n".join(
        f"{info.title} ({info.key})\n{definitions(provider_facts(info))}" for info in known.values()
    )


def configuration_text(known: dict[str, ProviderInfo]) -> str:
    """Return every key of the configuration, each with an example to copy."""
    parts = []
    for heading, keys in config_keys.sections(known):
        lines = [heading]
        for one in keys:
            lines.append(f"  {one.key} = {one.example}")
            kind = f"{one.holds[:1].upper()}{one.holds[1:]}"
            told = f"{one.meaning}. {kind}; without it: {one.default}."
            lines += [f"      {line}" for line in wrapped(told, WIDTH - 6)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def account_fields_text(known: dict[str, ProviderInfo]) -> str:
    """Return what ``accounts add`` takes for each provider."""
    return definitions(
        [
            (
                info.key,
                ", ".join(
                    f"({spec.label})" if spec.secret else f"{spec.key}={spec.example}"
                    for spec in info.fields
                    if spec.required
                ),
            )
            for info in known.values()
        ]
    )


def definitions(rows: Sequence[tuple[str, str]]) -> str:
    """Return words and what they mean, side by side and wrapped."""
    first = min(max(len(word) for word, _ in rows), _WIDEST_WORD)
    lines = []
    for word, meaning in rows:
        told = wrapped(meaning, WIDTH - first - 4) or [""]
        beside = word if len(word) <= first else ""
        if not beside:
            lines.append(f"  {word}")
        lines.append(f"  {beside:<{first}}  {told[0]}")
        lines += [f"  {'':<{first}}  {more}" for more in told[1:]]
    return "\n".join(lines)


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; what has a hyphen, such as a command, stays whole."""
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)


_FOLDER = Path(__file__).parent / "topics"


_MARK = re.compile(r"\[\[([a-z -]+)\]\]")


TOPICS = (
    "start",
    "keys",
    "retarget",
    "undo",
    "route",
    "due",
    "unknown",
    "batches",
    "filter",
    "check",
    "search",
    "buy",
    "release",
    "accounts",
    "secrets",
    "headless",
    "team",
    "config",
    "providers",
    "outcomes",
    "exit-codes",
    "safety",
    "troubleshooting",
    "sandbox",
)
"""All pages, in the order in which they are listed."""


def summary(name: str) -> str:
    """Return what a page is about, in a line."""
    return _read(name).partition("\n")[0]


def page(name: str) -> str:
    """Return a page, with what is made from the code in the places that it has for it."""
    title, _, body = _read(name).partition("\n")
    filled = _MARK.sub(_made, body.rstrip("\n"))
    return f"{title}\n{filled}\n"


def _made(mark: re.Match[str]) -> str:
    """Return what stands for a mark; what is none of ours is an example of TOML."""
    return _MADE[mark[1]]() if mark[1] in _MADE else mark[0]


def body(name: str) -> str:
    """Return the text of a page as it is written, without its first line."""
    return _read(name).partition("\n")[2].strip("\n")


def _read(name: str) -> str:
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")


_MADE = {
    "keys": keys_text,
    "configuration": lambda: configuration_text(infos()),
    "environment": lambda: definitions(environment()),
    "providers": lambda: providers_text(infos()),
    "account fields": lambda: account_fields_text(infos()),
    "outcomes": lambda: definitions(outcomes()),
    "exit codes": lambda: definitions(exit_codes()),
    "troubleshooting": lambda: definitions(troubleshooting()),
    "headless recipe": headless_recipe,
    "due cron": cron_line,
    "due unit": systemd_unit,
    "sandbox account": sandbox_account,
    "sandbox export": sandbox_export,
}
"""What makes the text that stands for each ``[[mark]]`` of a page."""
