"""The ``Link`` header (RFC 8288): where the next page is, read leniently."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

_LONGEST_HEADER = 16_000
_LONGEST_URL = 8_000
_ENTRY = re.compile(r'(?:<[^<>]*>|"(?:[^"\\]|\\.)*"|[^,])+', re.DOTALL)
_TARGET = re.compile(r"\s*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""[\s;]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)"""
    r"""(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^';,]*)'|([^\s";,]*)))?\s*(?=;|$)""",
    re.DOTALL,
)
_NEXT = re.compile(r"""\brel\s*=\s*["']?[^",;]*\bnext\b""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NextLink:
    """What a header says of the next page."""

    url: str
    """As it stands there, relative or not; empty where there is none, or none that is readable."""
    cursor: str | None = None
    """The attribute ``cursor``, which repeats the parameter of the URL or stands for it."""


def next_link(header: str) -> NextLink | None:
    """Return the link whose relation is ``next``, or None where the listing ends.

    Commas inside ``<>`` and quotes, empty entries and attributes, line ends between them and
    attributes in any order are understood: the sample in "Getting Started" has most of them.
    """
    entries = [header] if len(header) > _LONGEST_HEADER else _ENTRY.findall(header)
    return next((link for entry in entries if (link := _read(entry)) is not None), None)


def next_url(link: NextLink, page: str, first: str, params: Mapping[str, str | int]) -> str | None:
    """Return the URL that ``link`` means on the page at ``page``, or None where it means none.

    A cursor that stands in the attribute alone goes with the parameters of the first request,
    which it is bound to; without a URL, with that of the first page as well.
    """
    try:
        url = urljoin(page, link.url) if link.url else first
        parts = urlsplit(url)
    except ValueError:
        return None
    query = parse_qsl(parts.query, keep_blank_values=True)
    if link.cursor and not any(value for name, value in query if name == "cursor"):
        asked = {**params, **dict(query), "cursor": link.cursor}
        url = urlunsplit(parts._replace(query=urlencode(asked), fragment=""))
    elif not link.url:
        return None
    return url if url.isprintable() and len(url) <= _LONGEST_URL else None


def cursor_of(url: str) -> str:
    """Return the cursor in a URL, or the whole of one that has none."""
    query = parse_qsl(urlsplit(url).query)
    return "\n".join(value for name, value in query if name == "cursor") or url


def _read(entry: str) -> NextLink | None:
    """Return an entry of the header where it leads to the next page."""
    target = _TARGET.match(entry)
    told = _attributes(entry[target.end() :] if target else entry)
    if told is None:
        # What speaks of a next page and cannot be read is not the end.
        return NextLink("") if _NEXT.search(entry) else None
    if "next" not in told.get("rel", "").lower().split():
        return None
    return NextLink(target[1].strip() if target else "", told.get("cursor") or None)


def _attributes(text: str) -> dict[str, str] | None:
    """Return the attributes of an entry, or None where it holds anything else."""
    told: dict[str, str] = {}
    if len(text) > _LONGEST_HEADER:
        return None
    at = 0
    while attribute := _PARAMETER.match(text, at):
        at = attribute.end()
        name, quoted, apostrophed, bare = attribute.groups()
        if quoted is not None:
            quoted = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        # The first relation counts (RFC 8288, section 3.3).
        told.setdefault(name.lower(), quoted or apostrophed or bare or "")
    return None if text[at:].strip(" \t\r\n;") else told
