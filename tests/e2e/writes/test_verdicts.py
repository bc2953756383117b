"""Every verdict, reached by the sandbox's faults through the real clients.

A retarget, a release and what reads back meet every fault at every provider. What a purchase and a
change of settings come to is judged by the same rules: each fault meets them at two providers and
at one, in turn, and those at which it comes to something of its own.
"""

import pytest

from tests.support.writes import PROVIDERS, YES, Scene, target_for
from tui_numbers.domain.operations import Outcome
from tui_numbers.services.planning import Consent

VERIFIED, DIFFERENT = Outcome.VERIFIED, Outcome.DIFFERENT
FAILED, UNKNOWN = Outcome.FAILED, Outcome.UNKNOWN

ALWAYS = {
    "": VERIFIED,
    "reset-before": UNKNOWN,
    "reset-after": VERIFIED,
    "truncated": VERIFIED,
    "half-json": VERIFIED,
    "html": UNKNOWN,
    "html:made=1": VERIFIED,
    "not-applied": DIFFERENT,
    "not-applied;reset-after": UNKNOWN,
    "error-inside-200": FAILED,
    "429": FAILED,
    "unauthorized": FAILED,
    "forbidden": FAILED,
    "500": UNKNOWN,
    "500:made=1": VERIFIED,
    "503": UNKNOWN,
    "504:made=1": VERIFIED,
    "slow-visible:reads=3": VERIFIED,
    "slow-visible:seconds=5": VERIFIED,
    "slow-visible:seconds=60": DIFFERENT,
    "slow-visible:seconds=60;reset-after": UNKNOWN,
    "slow-visible:reads=3;reset-after": VERIFIED,
    "slow-visible:reads=2;truncated": VERIFIED,
}
"""What a write comes to under each fault of its own request."""

CHANGES = {
    **ALWAYS,
    "other-setting": DIFFERENT,
    "other-setting;reset-after": UNKNOWN,
    "other-setting;slow-visible:reads=2": DIFFERENT,
}

READ_BACK = {
    "429:times=2": VERIFIED,
    "429": UNKNOWN,
    "500:times=1": VERIFIED,
    "reset-before:times=2": VERIFIED,
    "reset-before": UNKNOWN,
    "truncated:times=1": VERIFIED,
    "html": UNKNOWN,
    "bad-number": UNKNOWN,
}
"""What a write that was made comes to when reading it back goes wrong."""

PARAKEET = {"error-inside-200": UNKNOWN}
"""Parakeet documents no error inside a success, so such an answer proves nothing."""

# A Parakeet number has one setting, and the sandbox can wipe no other that is delivery.
NO_OTHER = {"other-setting", "other-setting;reset-after", "other-setting;slow-visible:reads=2"}


def _own(provider, kind, outcome):
    return PARAKEET.get(kind, outcome) if provider == "parakeet" else outcome


def _cases(table, providers=tuple(PROVIDERS)):
    return [
        pytest.param(
            provider, kind, _own(provider, kind, outcome), id=f"{provider}-{kind or 'no fault'}"
        )
        for provider in providers
        for kind, outcome in table.items()
        if not (provider == "parakeet" and kind in NO_OTHER)
    ]


def _in_turn(table, providers, count):
    """Return the cases of ``count`` providers for each fault, others for the next one."""
    chosen = []
    for at, (kind, outcome) in enumerate(table.items()):
        those = {providers[(at + turn) % len(providers)] for turn in range(count)}
        own = {one for one in providers if _own(one, kind, outcome) is not outcome}
        chosen += _cases({kind: outcome}, [one for one in providers if one in those | own])
    return chosen


def _arm(scene, provider, route, kinds, **more):
    for kind in filter(None, kinds.split(";")):
        name, _, options = kind.partition(":")
        extra = ",".join(filter(None, (options, *(f"{k}={v}" for k, v in more.items()))))
        scene.misbehave(f"{provider}:{route}:{name}" + (f":{extra}" if extra else ""))


def _full(scene, provider):
    """A number that has a setting besides those that are changed here."""
    for number in scene.numbers(provider):
        record = scene.record(provider, number)
        if any(getattr(record, name, None) for name in ("mo_http_url", "friendly")):
            return number
    return scene.numbers(provider)[0]


async def _applied(scene, plan, consent=YES):
    before = len(scene.writes)
    result = await scene.writer.apply(plan, consent)
    assert len(scene.writes) - before <= 1
    kept = scene.journal.get(result.operation)
    assert kept.outcome is result.outcome
    return result


def _says_the_truth(scene: Scene, provider, plan, result, before):
    """What the outcome says is so in the world."""
    now = scene.record(provider, plan.number)
    if result.outcome is FAILED:
        assert now == before
    if result.outcome is VERIFIED:
        assert now != before


@pytest.mark.parametrize(("provider", "kind", "outcome"), _cases(CHANGES))
@pytest.mark.slow_after(24)
async def test_a_retarget(scene, provider, kind, outcome):
    plan = await scene.retarget(provider, _full(scene, provider), target_for(scene, provider))
    before = scene.record(provider, plan.number)
    _arm(scene, provider, "update", kind)
    result = await _applied(scene, plan)
    assert result.outcome is outcome, result.error
    _says_the_truth(scene, provider, plan, result, before)


SETTINGS = {
    "fonedynamics": {"friendly": "Night desk", "recording": "call"},
    "vonage": {"voice_status": "https://hooks.example/ended"},
}


@pytest.mark.parametrize(("provider", "kind", "outcome"), _in_turn(CHANGES, tuple(SETTINGS), 1))
@pytest.mark.slow_after(24)
async def test_a_change_of_settings(scene, provider, kind, outcome):
    plan = await scene.set(provider, _full(scene, provider), **SETTINGS[provider])
    before = scene.record(provider, plan.number)
    _arm(scene, provider, "update", kind)
    result = await _applied(scene, plan)
    assert result.outcome is outcome, result.error
    _says_the_truth(scene, provider, plan, result, before)


@pytest.mark.parametrize(("provider", "kind", "outcome"), _in_turn(ALWAYS, tuple(PROVIDERS), 2))
@pytest.mark.slow_after(24)
async def test_a_purchase(scene, provider, kind, outcome):
    # It was accepted, and what is not listed yet may have been bought all the same.
    outcome = Outcome.PENDING if outcome is DIFFERENT else outcome
    plan = await scene.buy(provider)
    _arm(scene, provider, "buy", kind)
    result = await _applied(scene, plan)
    assert result.outcome is outcome, result.error
    _says_the_truth(scene, provider, plan, result, None)


@pytest.mark.parametrize(("provider", "kind", "outcome"), _cases(ALWAYS, ("parakeet", "vonage")))
@pytest.mark.slow_after(24)
async def test_a_release(scene, provider, kind, outcome):
    plan = await scene.release(provider, scene.numbers(provider)[3])
    before = scene.record(provider, plan.number)
    _arm(scene, provider, "release", kind)
    result = await _applied(scene, plan, Consent(given=True, released=frozenset({plan.number})))
    if (provider, kind) == ("parakeet", "error-inside-200"):
        # A deletion is answered without a body, so nothing in it can be an error.
        outcome = DIFFERENT
    assert result.outcome is outcome, result.error
    _says_the_truth(scene, provider, plan, result, before)


@pytest.mark.parametrize(("provider", "kind", "outcome"), _cases(READ_BACK))
async def test_reading_back(scene, provider, kind, outcome):
    plan = await scene.retarget(provider, scene.numbers(provider)[2], target_for(scene, provider))
    # The fresh read passes.
    _arm(scene, provider, scene.case(provider).find_route, kind, after=1)
    result = await _applied(scene, plan)
    assert result.outcome is outcome, result.error
    assert len(scene.writes) == 1
    target = getattr(scene.record(provider, plan.number), "target", None)
    assert target in (None, plan.target.value)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("kind", ["reset-before", "500", "html", "429", "bad-number"])
async def test_without_a_fresh_read_nothing_is_sent(scene, provider, kind):
    plan = await scene.retarget(provider, scene.numbers(provider)[2], target_for(scene, provider))
    scene.misbehave(f"{provider}:{scene.case(provider).find_route}:{kind}")
    result = await scene.writer.apply(plan, Consent(given=True))
    assert result.outcome in (FAILED, Outcome.REFUSED)
    assert scene.writes == []
    (kept,) = scene.journal.operations()
    assert (kept.outcome, kept.error, kept.begun) == (result.outcome, result.error, False)


async def test_what_cannot_be_read_is_never_verified(scene):
    plan = await scene.set(
        "fonedynamics", scene.numbers("fonedynamics")[0], email_to="desk@northline.example"
    )
    result = await _applied(scene, plan)
    assert result.outcome is UNKNOWN
    assert "does not show email_to" in result.error
