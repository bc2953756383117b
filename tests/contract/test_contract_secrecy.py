"""Secrecy beyond the suite: half answers, headers, redirects and cookies."""

import logging

import pytest
from starlette.responses import RedirectResponse

from tui_numbers import __version__
from tui_numbers.providers.errors import BadReply
from tui_numbers.testing.writes import everything, forms_of, shown_by_logs


async def test_no_secret_shows_after_half_an_answer_or_in_what_connects(bench, caplog):
    caplog.set_level(logging.DEBUG)
    bench.fault("*", "truncated")
    shown = await everything(bench.client, bench) + shown_by_logs(caplog) + repr(bench.http)
    for form in forms_of(bench.secret, tuple(bench.fields.values())):
        assert form not in shown


async def test_every_request_names_its_sender(bench):
    await bench.client.check()
    agents = [headers["user-agent"] for headers in bench.stage.headers]
    assert agents == [f"tui-numbers/{__version__}"]
    assert all(
        headers["authorization"].startswith(("Basic ", "Bearer "))
        for headers in bench.stage.headers
    )


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(bench, elsewhere, status):
    bench.stage.answer = RedirectResponse(elsewhere.origin + "/there", status)
    with pytest.raises(BadReply, match="redirect"):
        await bench.client.check()
    with pytest.raises(BadReply):
        await bench.client.buy(bench.case.wanted(bench.world), bench.case.bought_for(bench.world))
    assert elsewhere.headers == []


async def test_no_cookie_is_kept(bench):
    bench.stage.extra = {"set-cookie": "session=1; Path=/"}
    await bench.client.check()
    await bench.client.check()
    assert not any("cookie" in headers for headers in bench.stage.headers)
