"""How much of an answer or a listing is taken in before it counts as endless."""

from dataclasses import dataclass

from tui_numbers.providers.errors import ListingIncomplete

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


@dataclass
class Allowance:
    """Keeps one listing within bounds, page by page."""

    account: str
    listing: str
    """What is listed, as the user reads it: ``Parakeet's listing /numbers``."""
    _pages: int = 0
    _records: int = 0
    _bytes: int = 0
    _barren: int = 0

    def take(self, records: int, size: int) -> None:
        """Count a page of so many records and bytes.

        Raises:
            ListingIncomplete: The listing does not end.
        """
        self._pages += 1
        self._records += records
        self._bytes += size
        if (
            self._pages > MOST_PAGES
            or self._records > MOST_RECORDS
            or self._bytes > MOST_LISTED_BYTES
        ):
            raise self.incomplete(
                f"does not end: it was left after {self._pages:,} pages "
                f"with {self._records:,} records"
            )

    def brought(self, new: int) -> None:
        """Note how much of a page was not there before.

        Raises:
            ListingIncomplete: For many pages in a row it was nothing.
        """
        self._barren = 0 if new else self._barren + 1
        if self._barren >= MOST_BARREN_PAGES:
            raise self.incomplete(f"ends early: {self._barren} pages brought nothing new")

    def incomplete(self, reason: str) -> ListingIncomplete:
        """Return the error that says why the listing ends where it does."""
        return ListingIncomplete(f"{self.listing} {reason}", account=self.account)
