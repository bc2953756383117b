"""Where credentials go, and where they never show."""

import base64
import logging
import traceback

import pytest
from starlette.responses import RedirectResponse

from tests.contract.conftest import sandbox_account
from tui_numbers import __version__
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import BadReply, ProviderError

SECRET = "tell-n0body/&+%"


def forms_of(case, secret):
    user = next(iter(sandbox_account(case.key).fields.values()))
    return {
        secret,
        base64.b64encode(f"{user}:{secret}".encode()).decode(),
        "tell-n0body",
    } - ({"tell-n0body"} if secret != SECRET else set())


def shown_by(error):
    """Return everything that an exception and its chain would print or carry."""
    told, seen, chain = [], set(), [error]
    while chain:
        each = chain.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        told += [str(each), repr(each), repr(each.args), repr(vars(each))]
        told += traceback.format_exception(each)
        for name in ("request", "_request", "response"):
            assert getattr(each, name, None) is None
        chain += [each.__cause__, each.__context__]
    return "\n".join(told)


def assert_hidden(text, forms):
    for form in forms:
        assert form not in text


def shown_by_logs(caplog):
    told = [caplog.text]
    for record in caplog.records:
        told += [record.getMessage(), repr(record.args), repr(vars(record))]
    return "\n".join(told)


async def everything(client, bench):
    """Ask for all there is, whatever fails; return what the failures show."""
    shown = []
    number = None
    try:
        number = await bench.ordinary()
    except ProviderError as error:
        shown.append(shown_by(error))
    wanted, target = bench.case.wanted(bench.world), bench.case.bought_for(bench.world)
    for call in (client.check(), client.buy(wanted, target), client.addresses()):
        try:
            shown.append(repr(await call))
        except ProviderError as error:
            shown.append(shown_by(error))
    for pages in (client.owned(OwnedQuery()), client.targets(number)):
        try:
            shown += [repr(page) async for page in pages]
        except ProviderError as error:
            shown.append(shown_by(error))
    return "\n".join(shown)


@pytest.mark.parametrize(
    "kind",
    [None, "500", "403", "html", "half-json", "truncated", "reset-before", "429", "401"],
)
async def test_no_secret_in_any_repr_log_or_exception(bench, caplog, kind):
    caplog.set_level(logging.DEBUG)
    names = {"403": "forbidden", "401": "unauthorized"}
    if kind is not None:
        bench.fault("*", names.get(kind, kind))
    secret = sandbox_account(bench.case.key).secret
    shown = await everything(bench.client, bench) + shown_by_logs(caplog)
    shown += repr(bench.client) + repr(vars(bench.client)) + repr(bench.http)
    assert_hidden(shown, forms_of(bench.case, secret))


async def test_a_rejected_secret_is_not_repeated(bench, caplog):
    caplog.set_level(logging.DEBUG)
    client = bench.connect(secret=SECRET)
    shown = await everything(client, bench) + shown_by_logs(caplog)
    assert_hidden(shown, forms_of(bench.case, SECRET))


async def test_every_request_names_its_sender(bench):
    await bench.client.check()
    agents = [headers["user-agent"] for headers in bench.stage.headers]
    assert agents == [f"tui-numbers/{__version__}"]
    assert all(headers["authorization"].startswith("Basic ") for headers in bench.stage.headers)


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
