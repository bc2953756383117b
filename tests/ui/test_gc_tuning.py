"""Rows by the thousand are left alone by collections, and nothing else is."""

import gc

from tui_numbers.ui.owned_store import MANY, ArrivalFreezer, collection_paused


def is_walked(row):
    """Tell whether a collection looks at a row; what was left alone before stays so."""
    return any(one is row for one in gc.get_objects())


def test_no_collection_walks_what_was_made_among_many_rows():
    with collection_paused(MANY):
        assert not gc.isenabled()
        row = [object()]
    assert gc.isenabled()
    assert not is_walked(row)


def test_few_rows_change_nothing():
    with collection_paused(MANY - 1):
        assert gc.isenabled()
        row = [object()]
    assert is_walked(row)


def test_rows_that_come_by_the_page_are_left_alone_once_they_are_many():
    arriving, row = ArrivalFreezer(), [object()]
    arriving.note(MANY - 1)
    assert is_walked(row)
    arriving.note(1)
    assert not is_walked(row)
