"""Memory and time that one answer may take, whatever it is."""

import json
import tracemalloc

import pytest

from tests.contract.faulty_answers.assertions import assert_told_well
from tests.contract.faulty_answers.loopback import Told
from tests.contract.faulty_answers.rig import make_rig
from tests.contract.faulty_answers.spoiled_bytes import CHUNKED, HEAD, MEGABYTE, bomb, forever, said
from tui_numbers.providers.errors import BadReply, ListingIncomplete, NoAnswer
from tui_numbers.providers.request import Limits

MOST_MEMORY = 40 * MEGABYTE

WEIGHTY = {
    "a gigabyte in one": said(bomb(), content_encoding="gzip"),
    "without end": forever(HEAD + b"\r\n", b" " * MEGABYTE),
    "a megabyte of brackets": said(b"[" * MEGABYTE),
    "millions of values": said(b"[" + b"[]," * 2_500_000 + b"0]"),
    "headers without end": forever(HEAD, b"x: y\r\n" * 10_000),
    "trailers without end": forever(CHUNKED + b"0\r\n", b"x: y\r\n" * 10_000),
}


async def peak_of(rig, operation, spoil):
    tracemalloc.start()
    try:
        result = await rig.attempt(operation, spoil)
        return *result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", WEIGHTY)
async def test_an_answer_takes_little_memory(rig, name):
    await rig.rehearse("check")
    rig.server.sent = 0
    _, error, peak = await peak_of(rig, "check", WEIGHTY[name])
    assert_told_well(rig, error)
    assert isinstance(error, NoAnswer)
    assert peak < MOST_MEMORY
    # What more may have gone out lies in the buffers between two sockets.
    assert rig.server.sent < 80 * MEGABYTE


async def test_an_answer_in_crumbs_is_left(rig):
    await rig.rehearse("check")
    crumbs = forever(CHUNKED, b"2\r\n  \r\n" * 1_000)
    _, error = await rig.attempt("check", crumbs)
    assert_told_well(rig, error)
    assert isinstance(error, BadReply)


async def test_a_page_of_nothing_but_bad_records_takes_little_memory(rig):
    await rig.rehearse("owned")
    wrong, counts = b"[" + b"7," * 1_999 + b"7]", b'"count":2000,"TotalCount":2000'
    wrapped = b'{"Numbers":%b,"numbers":%b,%b}' % (wrong, wrong, counts)
    body = wrong if isinstance(json.loads(_first(rig).body), list) else wrapped
    result, error, peak = await peak_of(rig, "owned", said(body))
    assert peak < 2 * MOST_MEMORY
    if error is None:
        assert sum(page.dropped for page in result) >= 2_000
        assert sum(len(page.warnings) for page in result) < 1_000
        assert any("further records" in line for page in result for line in page.warnings)
    else:
        assert isinstance(error, ListingIncomplete | BadReply)


def _first(rig):
    return next(iter(rig.tape.values()))[0]


@pytest.mark.parametrize("operation", ["check", "buy"])
async def test_an_answer_that_never_comes_is_waited_for_so_long(case, server, operation):
    rig = make_rig(case, server)
    await rig.rehearse(operation)
    await rig.http.aclose()
    patient = make_rig(case, server, limits=Limits(whole=0.05))
    patient.tape, patient.recording = rig.tape, False
    early = forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)

    def spoil(asked, told):
        return told.raw() if operation == "buy" and asked.method == "GET" else early(asked, told)

    _, error = await patient.attempt(operation, spoil)
    assert_told_well(patient, error)
    assert isinstance(error, NoAnswer)
    assert "in time" in error.message
    assert error.may_have_applied
    await patient.http.aclose()


async def test_what_follows_an_answer_is_no_answer(rig):
    """A second answer behind the first is not taken for that to the next request."""
    usual = await rig.rehearse("check")
    forged = Told(401, body=b'{"error-code": "401"}')

    def spoil(asked, told):
        return told.raw().replace(b"connection: close\r\n", b"") + forged.raw()

    await rig.perform("check", spoil)
    assert await rig.perform("check", lambda asked, told: told.raw()) == usual
