"""Answers that repeat the credentials, in the spellings that servers have for text."""

import base64
import html
import json
import logging
from urllib.parse import quote, quote_plus

import pytest

from tests.contract.faulty_answers.assertions import assert_hidden, assert_told_well, chain_of
from tests.contract.faulty_answers.loopback import Told
from tests.contract.faulty_answers.rig import account_of

SECRET = 'tell/n0body&"more<of+it% é'
PLAIN = ("tell", "n0body")


def spellings(user):
    yield SECRET
    yield quote(SECRET, safe="")
    yield quote(SECRET, safe="").lower()
    yield quote_plus(SECRET)
    yield json.dumps(SECRET)[1:-1]
    yield json.dumps(SECRET, ensure_ascii=False)[1:-1]
    yield json.dumps(SECRET)[1:-1].replace("/", "\\/")
    yield html.escape(SECRET)
    yield base64.b64encode(f"{user}:{SECRET}".encode()).decode()


@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize("operation", ["check", "buy"])
async def test_credentials_that_are_repeated_are_not_shown(rig, operation, status):
    await rig.rehearse(operation)
    rig.api = rig.api_at(secret=SECRET)
    user = next(iter(account_of(rig.case.key).fields.values()), "")
    for spelling in spellings(user):
        # Some of these are JSON texts by now, and some are what a page of text would hold.
        for body in (spelling, f'{{"message": "{spelling}", "title": "{spelling}", "detail": ""}}'):
            told = Told(status, body=body.encode())
            _, error = await rig.attempt(operation, lambda asked, _, told=told: told.raw())
            assert_told_well(rig, error)
            for each in chain_of(error):
                shown = f"{each} {each!r} {vars(each)}"
                assert not any(part in shown for part in PLAIN)
                assert base64.b64encode(f"{user}:{SECRET}".encode()).decode() not in shown


async def test_logs_show_no_header_of_an_answer(rig, caplog):
    caplog.set_level(logging.DEBUG)
    await rig.rehearse("check")

    def echo(asked, told):
        repeated = ("x-echo", asked.headers["authorization"])
        return Told(told.status, (*told.headers, repeated), told.body).raw()

    await rig.perform("check", echo)
    assert "GET" in caplog.text
    assert_hidden(rig, *(f"{vars(line)} {line.getMessage()}" for line in caplog.records))
