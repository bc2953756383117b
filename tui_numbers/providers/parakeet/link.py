"""The ``Link`` header: where the next page is, read leniently."""

import re

_TARGET = re.compile(r"<([^>]*)>")
_NEXT = re.compile(r'\brel\s*=\s*"?[^",;]*\bnext\b', re.IGNORECASE)
_PARAMETER = re.compile(
    r'\s*;\s*([^\s=;,"<>]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?', re.DOTALL
)


def next_link(header: str) -> str | None:
    """Return the URL whose relation is ``next``, or None where the listing ends.

    Commas inside ``<>`` and quotes, a trailing comma, line ends between the entries and
    attributes in any order are understood: the sample in "Getting Started" has most of them.
    """
    at = 0
    while target := _TARGET.search(header, at):
        at = target.end()
        relation: str | None = None
        while attribute := _PARAMETER.match(header, at):
            at = attribute.end()
            name, quoted, bare = attribute.groups()
            if name.lower() == "rel" and relation is None:
                relation = quoted if quoted is not None else bare or ""
        if relation is not None and "next" in relation.lower().split():
            return target[1].strip()
    return None


def promises_next(header: str) -> bool:
    """Tell whether a header speaks of a next page, however it is written."""
    return _NEXT.search(header) is not None
