"""Genuine answers that are wrong in one place.

``TUI_NUMBERS_WIRE_MUTATIONS=1000`` tries so many of each operation's mutations instead of a few,
and ``all`` tries every one (some minutes).
"""

import dataclasses
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.faulty_answers.assertions import assert_hidden, assert_told_well
from tests.contract.faulty_answers.mutated_json import mutated, mutations
from tests.contract.faulty_answers.rig import EVERY, WRITES, plain
from tui_numbers.domain.numbers import NOT_KNOWN, AvailableNumber, OwnedNumber, Target
from tui_numbers.providers.contract import Page

_ASKED = os.environ.get("TUI_NUMBERS_WIRE_MUTATIONS", "24")
MOST = None if _ASKED == "all" else int(_ASKED)

LISTINGS = frozenset({"owned", "available", "targets", "addresses"})


def chosen(rig, operation):
    """Return some of all mutations of what was answered, spread evenly."""
    every = []
    for key, answers in rig.tape.items():
        if operation in WRITES and key[0] == "GET":
            continue
        for index, told in enumerate(answers):
            if told.body:
                value = json.loads(told.body)
                every += [(key, index, value, each) for each in mutations(value)]
    step = max(1, len(every) // MOST) if MOST else 1
    # An odd step meets other kinds of mutation at each place.
    return every[:: step + (step % 2 == 0)] if step > 1 else every


def instead(key, index, value, mutation):
    """Spoil that one answer."""
    played = []

    def spoil(asked, told):
        if (asked.method, asked.target, asked.body) != key:
            return told.raw()
        played.append(asked)
        if len(played) != index + 1:
            return told.raw()
        return dataclasses.replace(told, body=mutated(value, mutation)).raw()

    return spoil


AS_STORED = {(OwnedNumber, "settings"), (Target, "value")}


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text of a result but those that may be sent back, which stay as stored."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if (type(value), field.name) in AS_STORED:
                continue
            yield from texts_in(getattr(value, field.name))
    elif isinstance(value, dict):
        for pair in value.items():
            yield from texts_in(pair)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def items_in(result: Any) -> list[Any]:
    return [item for page in result for item in (page.items if isinstance(page, Page) else [page])]


@pytest.mark.parametrize(("case", "operation"), EVERY, ids=lambda each: getattr(each, "key", each))
async def test_one_wrong_place_costs_one_record_at_most(rig, case, operation):
    usual = plain(await rig.rehearse(operation))
    for key, index, value, mutation in chosen(rig, operation):
        said = f"{operation}: {mutation} in {key[0]} {key[1]}"
        result, error = await rig.attempt(operation, instead(key, index, value, mutation))
        assert len(rig.server.asked) <= 30, said
        if error is not None:
            assert_told_well(rig, error)
            in_listing = operation in LISTINGS and not is_beside(key[1])
            assert not (in_listing and mutation.in_record), (said, error)
            continue
        for text in texts_in(result):
            assert text.isprintable(), said
            assert len(text) <= 4_200, said
        assert_hidden(rig, result)
        if operation in LISTINGS and is_beside(key[1]):
            assert_only_that_is_not_known(said, mutation, usual, plain(result))
        elif operation in LISTINGS:
            assert_all_the_others(said, mutation, usual, plain(result))
        elif operation.startswith("find"):
            assert_the_one(said, mutation, usual, result)


def is_beside(target):
    """Tell whether an answer stands beside a listing, such as prices, and holds no record of it."""
    return "/messaging/" in target or "/pricing/" in target or "/routes/" in target


def assert_only_that_is_not_known(said, mutation, usual, result):
    """Make sure that a mistake beside a listing changes what it tells, and never to *none*."""
    were, are = items_in(usual), items_in(result)
    if not all(isinstance(item, OwnedNumber | AvailableNumber) for item in were):
        return
    # Which of the two decides may be said the other way round, which is no mistake.
    told = mutation.empties or mutation.path[-1] == "use_inbound_webhook_on_number"
    assert [item.number for item in are] == [item.number for item in were], said
    for old, new in zip(were, are, strict=True):
        if isinstance(old, OwnedNumber) and old.settings != new.settings:
            was, now = old.settings["messaging_service"], new.settings["messaging_service"]
            assert told or now == NOT_KNOWN or was is None or now is not None, said


def assert_all_the_others(said, mutation, usual, result):
    were, are = items_in(usual), items_in(result)
    pages = [page for page in result if isinstance(page, Page)]
    warnings = [line for page in pages for line in page.warnings]
    if mutation.empties:
        return
    missing = [item for item in were if item not in are]
    assert len([item for item in are if item not in were]) <= mutation.in_record, said
    if mutation.in_record:
        assert len(missing) <= 1, (said, missing)
        assert len(warnings) <= 1, (said, warnings)
    # What a target serves may decide that it is not offered, which is no loss.
    if pages and len(are) < len(were) and not mutation.says_nothing and "targets" not in said:
        assert warnings, said


def assert_the_one(said, mutation, usual, result):
    if result is None:
        # A number that belongs elsewhere is none of this account's.
        assert mutation.empties or "PropertySid" in mutation.path, said
        return
    assert isinstance(result, OwnedNumber)
    assert result.number == usual.number, said
