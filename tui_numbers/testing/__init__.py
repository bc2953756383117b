"""The contract suite that an author of a provider runs over it, by pytest and pytest-asyncio.

``providers/README.md`` shows it in use::

    class TestAcme(ProviderTests):
        plugin = PLUGIN

        @pytest.fixture
        def bench(self):
            return AcmeBench()
"""

import pytest

# Before they are imported, so that a failed assertion shows both sides.
pytest.register_assert_rewrite("tui_numbers.testing.listings", "tui_numbers.testing.writes")

from tui_numbers.testing.bench import (  # noqa: E402
    AppBench,
    Bench,
    Clock,
    Failure,
    Fault,
    RecordedBench,
    Request,
)
from tui_numbers.testing.listings import DeclarationTests, FailureTests, ListingTests  # noqa: E402
from tui_numbers.testing.writes import SecrecyTests, WriteTests  # noqa: E402


class ProviderTests(DeclarationTests, ListingTests, WriteTests, FailureTests, SecrecyTests):
    """Everything that is asked of a provider."""


__all__ = [
    "AppBench",
    "Bench",
    "Clock",
    "DeclarationTests",
    "Failure",
    "FailureTests",
    "Fault",
    "ListingTests",
    "ProviderTests",
    "RecordedBench",
    "Request",
    "SecrecyTests",
    "WriteTests",
]
