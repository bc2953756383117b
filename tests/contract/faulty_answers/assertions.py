"""What a user may expect of any failure."""

from collections.abc import Iterator
from typing import Any

from tests.contract.conftest import sandbox_account
from tests.contract.faulty_answers.rig import Rig
from tui_numbers.domain.accounts import Secret
from tui_numbers.providers.errors import (
    BadReply,
    ListingIncomplete,
    NoAnswer,
    ProviderError,
    ServerFault,
)
from tui_numbers.providers.request import secret_forms

NEED_ADVICE = (NoAnswer, BadReply, ServerFault, ListingIncomplete)
"""Failures that say nothing of what to do by themselves."""


def chain_of(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            left += [each.__cause__, each.__context__]


def assert_hidden(rig: Rig, *shown: Any) -> None:
    """Make sure that nothing shown gives the account's secret away."""
    kept = sandbox_account(rig.case.key)
    forms = secret_forms(Secret(kept.secret), next(iter(kept.fields.values()), None))
    for text in map(str, shown):
        assert not any(form.decode() in text for form in forms)


def assert_told_well(rig: Rig, error: BaseException) -> None:
    """Make sure that a failure is one of ours, in words for a user, without a secret."""
    assert isinstance(error, ProviderError), repr(error)
    assert error.account == sandbox_account(rig.case.key).name
    text = str(error)
    assert text.isprintable()
    assert 10 < len(text) < 700
    assert "Traceback" not in text
    if isinstance(error, NEED_ADVICE):
        assert error.hint, text
    for each in chain_of(error):
        assert_hidden(rig, each, repr(each), repr(vars(each)), *each.args)
        assert not any(hasattr(each, name) for name in ("request", "response"))
