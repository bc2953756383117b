"""What the view of owned numbers says of itself: how many there are, and why there are none."""

from tui_numbers.domain.numbers import OwnedNumber
from tui_numbers.ui.account_state import Progress
from tui_numbers.ui.owned_store import OwnedStore
from tui_numbers.ui.table import NumberTable
from tui_numbers.ui.words import clock


def count_words(table: NumberTable[OwnedNumber], store: OwnedStore) -> str:
    """Return how many numbers of how many are shown, how many are marked, and as of when."""
    filtered = table.shown_count != table.total_count
    total = max(table.total_count, store.promised)
    shown = table.shown_count if filtered else total
    marks = len(table.model.marks)
    of = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
    marked = f" · {marks:,} marked" if marks else ""
    as_of = f" · as of {clock(store.as_of)}" if store.as_of else ""
    return f"{of}{marked}{as_of}"


def why_empty(store: OwnedStore, *, filtered: bool, chosen: bool) -> str:
    """Return what stands where no number is shown; ``chosen`` accounts may not be all there are."""
    states = store.accounts.values()
    dropped = sum(state.dropped for state in states)
    failed = any(state.progress is Progress.FAILED for state in states)
    if filtered:
        read = " of what could be read" if dropped or failed else ""
        return f"nothing{read} matches the filter: Esc in the filter clears it"
    if not store.accounts and chosen:
        return "none of the accounts asked for is left: A adds one"
    if not store.accounts:
        return "no account is configured: A adds one"
    if store.loading:
        return "loading"
    if len(store.recovering) == len(store.accounts):
        return "no account could be read, asking again: A says why"
    if all(state.progress is Progress.FAILED for state in states):
        return "no account could be read: A says why, r asks again"
    if failed:
        return "no numbers at the accounts that could be read: A says why others could not"
    if dropped:
        return f"{dropped:,} records came, and none holds a usable number: @ shows them"
    return "no numbers are owned yet: 2 searches for numbers to buy"
