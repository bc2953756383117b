"""Read the pages of `help`: a text file each, whose first line says what it is about."""

import re
from pathlib import Path

from tui_numbers.cli import reference

_FOLDER = Path(__file__).parent
_MARK = re.compile(r"\[\[([a-z -]+)\]\]")

NAMES = (
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
    "keys": reference.keys_text,
    "configuration": lambda: reference.configuration_text(reference.infos()),
    "environment": lambda: reference.definitions(reference.environment()),
    "providers": lambda: reference.providers_text(reference.infos()),
    "account fields": lambda: reference.account_fields_text(reference.infos()),
    "outcomes": lambda: reference.definitions(reference.outcomes()),
    "exit codes": lambda: reference.definitions(reference.exit_codes()),
    "troubleshooting": lambda: reference.definitions(reference.troubleshooting()),
    "headless recipe": reference.headless_recipe,
    "due cron": reference.cron_line,
    "due unit": reference.systemd_unit,
    "sandbox account": reference.sandbox_account,
    "sandbox export": reference.sandbox_export,
}
"""What makes the text that stands for each ``[[mark]]`` of a page."""
