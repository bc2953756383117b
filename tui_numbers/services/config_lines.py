"""Where something stands in a TOML text, whose parser tells no lines of what it has read."""

import re
from collections.abc import Sequence


def line_of(lines: Sequence[str], section: tuple[str, ...], key: str | None) -> int | None:
    """Return the line (from 1) of a key, or of its section where the key is missing.

    ``section`` names the table, and is empty for what stands before the first one.
    """
    at: int | None = None
    inside = not section
    heading = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(map(_key_pattern, section)) + r"\s*\]")
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("["):
            inside = bool(section) and heading.match(line) is not None
            at = number if inside else at
            if not section and key is not None and re.match(rf"\s*\[\s*{re.escape(key)}", line):
                return number
        elif inside and key is not None and re.match(rf"\s*{_key_pattern(key)}\s*[.=]", line):
            return number
    return at


def _key_pattern(key: str) -> str:
    return rf"[\"']?{re.escape(key)}[\"']?"
