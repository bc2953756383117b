"""Answers that are wrong as bytes, to every operation of every provider.

Bytes are read in one place for all. A read that is checked first, a listing and a write of every
provider meet all of them; each further operation meets a third, so that every answer meets every
provider and every operation.
"""

import pytest

from tests.contract.cases import CASES
from tests.contract.faulty_answers.assertions import assert_hidden, assert_told_well
from tests.contract.faulty_answers.rig import EVERY, WRITES, in_turn, plain
from tests.contract.faulty_answers.spoiled_bytes import HARMLESS, HEAVY, UNREADABLE
from tui_numbers.providers.errors import NoAnswer

everything = pytest.mark.parametrize(
    ("case", "operation"), EVERY, ids=lambda each: getattr(each, "key", each)
)


def of_the_last_word(operation, spoil):
    """Spoil what decides: the answer to the write itself, or every answer to a read."""

    def spoilt(asked, told):
        if operation in WRITES and asked.method == "GET":
            return told.raw()
        return spoil(asked, told)

    return spoilt


_MEETS_ALL = frozenset({"check", "buy", "owned"})


def met_by(answers, case, operation):
    """Return the answers that an operation of a provider meets, with their names."""
    every = list(answers.items())
    return every if operation in _MEETS_ALL else in_turn(every, case.key, operation)


@everything
async def test_odd_answers_are_read_all_the_same(rig, case, operation):
    usual = plain(await rig.rehearse(operation))
    for name, spoil in met_by(HARMLESS, case, operation):
        result = await rig.perform(operation, of_the_last_word(operation, spoil))
        assert plain(result) == usual, name


@everything
async def test_what_is_no_answer_is_a_failure_that_says_so(rig, case, operation):
    await rig.rehearse(operation)
    if not rig.server.asked:
        return
    # How much an answer may weigh is the same for all that ask.
    weighed = operation == "check" or (operation == "buy" and case is CASES[0])
    answers = UNREADABLE | (HEAVY if weighed else {})
    for name, spoil in met_by(answers, case, operation):
        result, error = await rig.attempt(operation, of_the_last_word(operation, spoil))
        if error is None:
            assert (operation, name) in accepted(case), (name, result)
            assert_hidden(rig, result)
        else:
            assert_told_well(rig, error)
            assert isinstance(error, NoAnswer), name
            assert "<" not in str(error), name
            assert error.may_have_applied, name
        assert len(rig.server.asked) <= 12, name
        writes = [asked for asked in rig.server.asked if asked.method != "GET"]
        assert len(writes) == (operation in WRITES), name


def accepted(case):
    """Answers to a write whose body no document promises."""
    routes = {route for route, _ in case.bodiless}
    return {(route, name) for route in routes for name in ("empty", "blank", "no length at all")}
