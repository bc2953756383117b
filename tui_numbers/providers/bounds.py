"""Bound bodies, pages and listings."""

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of one answer, unpacked: some hundred times what a page of honest records takes."""
MOST_PIECES = 20_000
"""Chunks of one answer; crumbs take long to gather, however little they are."""
MOST_VALUES = 400_000
"""JSON values of one answer; each takes far more memory than its few bytes on the wire."""
MOST_PAGES = 10_000
MOST_RECORDS = 1_000_000
MOST_LISTED_BYTES = 1024 * 1024 * 1024
"""Of one listing, all its pages together."""
MOST_BARREN_PAGES = 10
"""Pages in a row that bring nothing new before a listing is left."""
MOST_WARNINGS = 200
"""Lines about the records of one page."""


def crowded(body: bytes) -> bool:
    """Tell whether a body may hold more values than any honest answer."""
    # Every value but the first follows a comma or an opening bracket.
    if len(body) <= MOST_VALUES:
        return False
    return body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES
