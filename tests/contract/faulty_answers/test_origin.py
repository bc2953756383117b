"""Wherever an answer points, credentials go to the configured origin and nowhere else.

Every listing of numbers meets a link to every place; the other readings meet a third of the places
each, and every place all the same.
"""

import pytest

from tests.contract.faulty_answers.assertions import assert_told_well
from tests.contract.faulty_answers.loopback import Told
from tests.contract.faulty_answers.rig import EVERY, WRITES, in_turn, plugins
from tests.contract.faulty_answers.test_bodies import of_the_last_word
from tui_numbers.providers.errors import NoAnswer

REDIRECTS = (301, 302, 303, 307, 308)


def places(rig, elsewhere):
    """Return addresses on another origin, spelt in every way that might pass for our own."""
    ours, theirs = rig.server.origin.removeprefix("http://"), elsewhere.origin
    host = ours.partition(":")[0]
    other = theirs.removeprefix("http://")
    path = "/parakeet/api/v1/numbers?cursor=x"
    return [
        theirs + path,
        theirs.upper().replace("HTTP", "http") + path,
        f"//{other}{path}",
        f"http://{other.replace(host, 'localhost')}{path}",
        f"http://{other.replace(host, 'LOCALHOST')}{path}",
        f"http://{other.replace(host, '127.1')}{path}",
        f"http://{other.replace(host, '0x7f000001')}{path}",
        f"http://{other.replace(host, '[::1]')}{path}",
        f"http://{other.replace(host, '[::ffff:127.0.0.1]')}{path}",
        f"http://{other.replace(host, '127.0.0.1.')}{path}",
        f"http://{other.replace(host, '１２７.0.0.1')}{path}".encode().decode("latin-1"),
        f"http://{ours}@{other}{path}",
        f"http://{host}:x@{other}{path}",
        f"http://{host}\\@{other}{path}",
        f"http://{ours}#@{other}{path}",
        f"http://{ours}\\.{other}{path}",
        f"http://{ours}%2f@{other}{path}",
        f"http://{ours}\t@{other}{path}",
        f"https://{ours}{path}",
        f"ws://{other}{path}",
        f"\\\\{other}{path}",
        f"/\\{other}{path}",
        f"http:/{other}{path}",
        f"http:{other}{path}",
        f"http:///{other}{path}",
        f"file://{path}",
        "data:application/json,[]",
        "javascript:1",
        "http://",
        "http://[",
        f"http://{host}:999999{path}",
        "\x7f",
        "http://" + "a" * 70_000,
        "http://xn--a" + path,
        "",
    ]


everything = pytest.mark.parametrize(
    ("case", "operation"), EVERY, ids=lambda each: getattr(each, "key", each)
)


@everything
async def test_redirects_are_followed_nowhere(rig, elsewhere, case, operation):
    await rig.rehearse(operation)
    if not rig.server.asked:
        return
    every = places(rig, elsewhere)
    # How a redirect is met is the same for all that ask.
    few = every if operation in ("check", "buy") else every[::7]
    for index, place in enumerate(few):
        status = REDIRECTS[index % len(REDIRECTS)]
        spoil = _redirecting(status, place)
        _, error = await rig.attempt(operation, of_the_last_word(operation, spoil))
        assert error is not None, place
        assert_told_well(rig, error)
        assert isinstance(error, NoAnswer), (place, error)
        assert error.may_have_applied, place
        writes = [asked for asked in rig.server.asked if asked.method != "GET"]
        assert len(writes) == (operation in WRITES)
    assert elsewhere.asked == []


def _redirecting(status, place):
    def spoil(asked, told):
        return Told(status, (("location", place),), b"{}").raw()

    return spoil


reading = pytest.mark.parametrize(
    ("case", "operation"),
    [each for each in EVERY if each[1] not in WRITES | {"check", "find-known", "choices"}],
    ids=lambda each: getattr(each, "key", each),
)


@reading
async def test_links_are_followed_to_no_other_origin(rig, elsewhere, case, operation):
    await rig.rehearse(operation)
    every = places(rig, elsewhere)
    for place in every if operation == "owned" else in_turn(every, case.key, operation):
        header = f'<{place}>; rel="next"'

        def spoil(asked, told, header=header):
            headers = [(name, text) for name, text in told.headers if name != "link"]
            headers += [("link", header), ("content-location", header), ("refresh", header)]
            return Told(told.status, tuple(headers), told.body).raw()

        _, error = await rig.attempt(operation, spoil)
        if error is not None:
            assert_told_well(rig, error)
    assert elsewhere.asked == []


async def test_no_body_leads_anywhere_else(rig, elsewhere):
    """Addresses in records are values, never places to ask."""

    def spoil(asked, told):
        return Told(body=told.body.replace(b'"/', f'"{elsewhere.origin}/'.encode())).raw()

    for operation in ("owned", "find", "targets"):
        await rig.rehearse(operation)
        await rig.attempt(operation, spoil)
    assert elsewhere.asked == []


async def test_query_credentials_stay_at_home_too(rig, elsewhere):
    if "auth" not in {field.key for field in plugins()[rig.case.key].info.fields}:
        return
    rig.api = rig.api_at(auth="query")
    for status in REDIRECTS:
        _, error = await rig.attempt("check", _redirecting(status, elsewhere.origin + "/there"))
        assert_told_well(rig, error)
        for asked in rig.server.asked:
            assert asked.credentials
    assert elsewhere.asked == []


async def test_each_host_of_an_account_is_asked_by_itself(rig, elsewhere):
    """Even where a second host is configured, a redirect between the two is not followed."""
    fields = {field.key for field in plugins()[rig.case.key].info.fields}
    for named in fields & {"applications_url"}:
        await rig.rehearse("targets")
        rig.api = rig.api_at(**{named: elsewhere.origin})
        rig.forget()
        elsewhere.asked.clear()
        _, error = await rig.attempt("check", _redirecting(307, elsewhere.origin + "/there"))
        assert_told_well(rig, error)
        assert elsewhere.asked == []
