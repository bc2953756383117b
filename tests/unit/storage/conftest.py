"""Stores of journals: what holds for one holds for all."""

import pytest

from tests.support.journals import STORES, root_of, store_of


@pytest.fixture(params=STORES)
def store(request, tmp_path, tmp_path_factory):
    with store_of(request.param, tmp_path, root_of(tmp_path_factory)) as made:
        yield made
