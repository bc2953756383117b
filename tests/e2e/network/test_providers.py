"""The other providers' writes over a bad line: the rules are the same under each of them."""

import pytest

from tests.e2e.network.line import SECRETS
from tests.e2e.network.operations import WRITES, of_write_hit
from tests.e2e.network.screens import BY_NAME
from tests.support.clock import age
from tui_numbers.services.paths import Paths

ACCOUNTS = {
    "parakeet": ("us-desk", "+12673676170", None),
    "fonedynamics": ("au-sales", "+61255506170", "+61491570110"),
}
HIT = (
    "connection refused",
    "stall after the request",
    "reset before the answer",
    "close in the answer's body",
    "no HTTP in answer",
    "a page of HTML in answer",
    "429, no Retry-After",
    "503, Retry-After in seconds",
    "503 after it was carried out",
)


@pytest.mark.parametrize("provider", ACCOUNTS)
@pytest.mark.parametrize("name", HIT)
def test_a_retarget_that_is_hit(line, provider, name):
    fault = BY_NAME[name]
    expected = of_write_hit(WRITES[0], fault)
    account, number, to = ACCOUNTS[provider]
    line.configure(provider)
    if to is None:
        users = line.run("--account", account, "targets").json
        to = next(f"user:{one['value']}" for one in users if one["kind"] == "user")
    words = ("--account", account, "retarget", number, "--to", to, "--yes")
    line.proxy.passed.clear()
    line.run(*words, "--dry-run")
    # Read afresh once more than in a dry run, and then written.
    first = len(line.proxy.passed) + 1
    line.proxy.passed.clear()
    with fault.on(line, first, 1):
        ran = line.run(*words)
    assert (ran.code, ran.json[0]["outcome"]) == (expected.code, expected.outcome), ran.err
    assert not any(secret in ran.said for secret in SECRETS)
    assert expected.code == 0 or (account in ran.said and fault.says in ran.said)
    assert len(line.proxy.writes()) <= 1
    assert len(line.made) == expected.made
    if expected.settled:
        age(Paths.of_user().journal)
        assert line.run("history", "--settle").code == 0
        assert line.outcomes() == [expected.settled]
