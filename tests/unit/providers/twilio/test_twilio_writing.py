"""What is sent to Twilio: changes in one request, purchases, releases, and regions before them."""

from dataclasses import replace

import httpx
import pytest

from tests.support.writes import YES, Scene, make_scene
from tests.unit.providers.twilio.conftest import PN, record
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber, Target
from tui_numbers.domain.operations import Outcome
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import NotOffered, ProviderError, RateLimited
from tui_numbers.providers.twilio import PLUGIN
from tui_numbers.sandbox.accounts import (
    TWILIO_KEY_ID,
    TWILIO_KEY_SECRET,
    TWILIO_SUBACCOUNT_SID,
    TWILIO_SUBACCOUNT_TOKEN,
)
from tui_numbers.services.planning import Consent, plan_buy, plan_release, plan_retarget, plan_set
from tui_numbers.services.preview import Preview

NUMBER = E164("+14155550123")
HOOK = Target("webhook", "https://hooks.example/v?a=1&b=é")


async def scripted_number(made) -> OwnedNumber:
    number = await made.client.find(NUMBER)
    assert number is not None
    return number


async def test_one_request_sets_a_url_and_empties_what_goes_before_it(scripted):
    tk, ap = "TK" + "3" * 32, "AP" + "4" * 32
    stored = record(trunk_sid=tk, voice_application_sid=ap)
    made = scripted({f"/{PN}.json": record(), "s.json": {"incoming_phone_numbers": [stored]}})
    number = await scripted_number(made)
    plan = plan_retarget(made.desk.api.account, PLUGIN.info, number, HOOK, Channel.VOICE)
    assert plan.change.edits == {
        "trunk": CLEAR,
        "voice_application": CLEAR,
        "voice": Set(HOOK.text),
    }
    await made.client.update(number, plan.change)
    assert made.forms == [
        "TrunkSid=&VoiceApplicationSid=&VoiceUrl=https%3A%2F%2Fhooks.example%2Fv%3Fa%3D1%26b%3D%C3%A9"
    ]


async def test_a_trunk_takes_the_application_away_and_the_plan_shows_both(place):
    (number, *_) = await place.owned()
    assert number.settings["voice_application"] is not None
    trunk = Target("trunk", next(iter(place.account.trunks)))
    account = make_scene(30).account("twilio")
    plan = plan_retarget(account, PLUGIN.info, number, trunk)
    assert plan.change.edits == {"voice_application": CLEAR, "trunk": Set(trunk.text)}
    both = {"trunk": Set(trunk.text), "voice_application": Set(f"application:AP{'4' * 32}")}
    refused = plan_set(account, PLUGIN.info, number, Change(both))
    assert "exclude each other" in (refused.refusal or "")
    with pytest.raises(NotOffered):
        await place.client.update(number, Change(both))


async def test_a_name_longer_than_twilio_keeps_is_never_sent(place):
    (number, *_) = await place.owned()
    spec = PLUGIN.info.setting("friendly")
    assert spec is not None
    assert spec.longest == 64
    await place.client.update(number, Change({"friendly": Set("x" * 64)}))


async def test_what_a_setting_does_not_reach_is_warned_of(place):
    numbers = await place.owned()
    number = next(one for one in numbers if one.settings["trunk"])
    lines = place.client.warnings(number, Change({"voice": Set(HOOK.text)}))
    assert lines == ("voice is not used while trunk has a value",)
    both = {"voice": Set(HOOK.text), "trunk": CLEAR}
    assert place.client.warnings(number, Change(both)) == ()


@pytest.fixture
def scene() -> Scene:
    return make_scene(1248)


def in_ireland(scene: Scene) -> E164:
    """Return a number whose calls another region takes."""
    return E164(next(iter(scene.sandbox.world.twilio.regions)))


async def test_a_retarget_in_the_wrong_region_is_refused_and_the_region_named(scene):
    number = in_ireland(scene)
    before = scene.record("twilio", number)
    plan = await scene.retarget("twilio", number, HOOK)
    result = await scene.writer.apply(plan, YES)
    assert result.outcome is Outcome.REFUSED
    assert "region ie1 takes the calls" in (result.error or "")
    assert not scene.writes
    assert scene.record("twilio", number) == before


async def test_the_region_is_asked_again_before_sending_where_a_listing_did_not_tell_it(scene):
    number = in_ireland(scene)
    seen = replace(await scene.find("twilio", number), elsewhere={})
    for plan in (
        plan_retarget(scene.account("twilio"), PLUGIN.info, seen, HOOK),
        plan_set(
            scene.account("twilio"), PLUGIN.info, seen, Change({"voice": Set("webhook:https://x")})
        ),
    ):
        assert plan.refusal is None
        previewed = await Preview(scene.writer).of(plan)
        assert "region ie1" in (previewed.refusal or "")
        result = await scene.writer.apply(plan, YES)
        assert (result.outcome, scene.writes) == (Outcome.REFUSED, [])


async def test_messages_and_names_do_not_ask_for_the_region_of_calls(scene):
    number = in_ireland(scene)
    plan = await scene.set("twilio", number, friendly="Night desk")
    assert (await scene.writer.apply(plan, YES)).outcome is Outcome.VERIFIED


async def test_the_account_of_that_region_changes_its_own_record(place):
    number = E164(next(iter(place.account.regions)))
    there = place.another("sandbox-twilio-token", region="ie1")
    found = await there.find(number)
    assert found is not None
    assert Channel.VOICE not in found.elsewhere
    await there.update(found, Change({"voice": Set(HOOK.text)}))
    theirs = place.account.regional["ie1"].records[found.id]
    ours = place.account.numbers.records[found.id]
    assert theirs.voice_url == HOOK.value
    assert ours.voice_url != HOOK.value
    paths = {seen.path for seen in place.sandbox.requests if "IncomingPhone" in seen.path}
    assert all(path.startswith("/twilio/api.dublin.ie1/") for path in paths)


async def test_a_key_that_may_not_ask_for_regions_is_warned_of(scripted):
    answers = {
        "/PhoneNumbers/+14155550123": httpx.Response(403, json={"code": 20403, "message": "no"}),
        "s.json": {"incoming_phone_numbers": [record()]},
    }
    made = scripted(answers)
    number = await scripted_number(made)
    assert await made.client.decided_elsewhere(number) == {}
    (line,) = made.client.warnings(number, Change({"voice": Set(HOOK.text)}))
    assert "which region takes its calls could not be read" in line


async def test_a_region_that_cannot_be_asked_now_sends_nothing(scene):
    number = scene.numbers("twilio")[0]
    plan = await scene.retarget("twilio", number, HOOK)
    client = await scene.workspace.client(scene.account("twilio"))
    client.client._deciders._regions.clear()
    scene.misbehave("twilio:regions:500")
    result = await scene.writer.apply(plan, YES)
    assert (result.outcome, scene.writes) == (Outcome.FAILED, [])
    assert (result.error or "").startswith("not sent:")


async def test_messages_of_a_number_in_a_messaging_service_are_refused_and_the_service_named(scene):
    world = scene.sandbox.world.twilio
    service = next(one for one in world.services.values() if one.name == "Campaigns")
    sid = next(iter(sorted(service.members)))
    number = world.numbers.records[sid].number
    seen = await scene.find("twilio", number)
    for plan in (
        plan_retarget(scene.account("twilio"), PLUGIN.info, seen, HOOK, Channel.SMS),
        plan_set(
            scene.account("twilio"), PLUGIN.info, seen, Change({"sms": Set("webhook:https://x")})
        ),
    ):
        assert "Messaging Service Campaigns" in (plan.refusal or "")
        assert (await scene.writer.apply(plan, YES)).outcome is Outcome.REFUSED
    assert not scene.writes
    joined = plan_retarget(
        scene.account("twilio"), PLUGIN.info, seen, Target("service", service.sid)
    )
    assert "not set from here" in (joined.refusal or "")


@pytest.mark.parametrize("kind", ["trunk", "application", "webhook"])
async def test_calls_are_retargeted_to_every_kind_and_put_back(scene, kind):
    world = scene.sandbox.world.twilio
    targets = {
        "trunk": Target("trunk", next(iter(world.trunks))),
        "application": Target("application", list(world.applications)[3]),
        "webhook": HOOK,
    }
    number = scene.numbers("twilio")[0]
    before = await scene.find("twilio", number)
    plan = await scene.retarget("twilio", number, targets[kind])
    result = await scene.writer.apply(plan, YES)
    assert result.outcome is Outcome.VERIFIED
    assert result.observed is not None
    back = plan_set(
        scene.account("twilio"),
        PLUGIN.info,
        result.observed,
        Change.between(result.observed.settings, before.settings),
    )
    assert (await scene.writer.apply(back, YES)).outcome is Outcome.VERIFIED
    assert (await scene.find("twilio", number)).settings == before.settings


async def test_a_purchase_names_what_its_country_demands(scene):
    world = scene.sandbox.world
    number = next(world.stock.available("twilio", "GB", "local")).number
    stock = AvailableNumber(
        "us-hotline", "twilio", E164(number), "GB", "local", (), address_requirement="any"
    )
    client = await scene.workspace.client(scene.account("twilio"))
    addresses = await client.buy_choices("address", stock)
    bundles = await client.buy_choices("bundle", stock)
    assert len(addresses) == 3
    assert [one.label for one in bundles] == ["GB local, Northline Support"]
    refusals = []
    for extras in ({}, {"address": addresses[1].value}):
        plan = plan_buy(scene.account("twilio"), PLUGIN.info, stock, None, extras=extras)
        (result,) = await scene.writer.buy(plan, YES)
        assert result.outcome is Outcome.FAILED
        refusals.append(result.error)
    assert "--with address=AD" in refusals[0]
    assert "--with bundle=BU" in refusals[1]
    extras = {"address": addresses[1].value, "bundle": bundles[0].value}
    plan = plan_buy(scene.account("twilio"), PLUGIN.info, stock, None, extras=extras)
    (result,) = await scene.writer.buy(plan, YES)
    assert result.outcome is Outcome.VERIFIED
    record = scene.record("twilio", number)
    assert (record.address, record.bundle) == (extras["address"], extras["bundle"])


async def test_nothing_is_listed_for_a_purchase_that_needs_nothing(place):
    plain = AvailableNumber("x", "twilio", E164("+12125550100"), "US", "local", (), None, None)
    assert await place.client.buy_choices("address", plain) == ()
    assert not place.sandbox.requests


async def test_an_emergency_address_keeps_a_number_from_release(scene):
    rows = scene.sandbox.world.twilio.numbers.records.values()
    number = E164(next(row.number for row in rows if row.emergency_address))
    seen = await scene.find("twilio", number)
    plan = plan_release(scene.account("twilio"), PLUGIN.info, seen)
    assert "emergency address" in (plan.refusal or "")
    consent = Consent(given=True, released=frozenset({number}))
    assert (await scene.writer.apply(plan, consent)).outcome is Outcome.REFUSED
    assert not scene.writes


async def test_too_many_requests_at_once_refuse_a_write_which_is_not_sent_again(scene):
    plan = await scene.retarget("twilio", scene.numbers("twilio")[0], HOOK)
    scene.misbehave("twilio:update:429:times=1")
    result = await scene.writer.apply(plan, YES)
    assert (result.outcome, len(scene.writes)) == (Outcome.FAILED, 1)
    assert "asked too often" in (result.error or "")


async def test_reads_wait_and_ask_again_where_too_many_are_asked_at_once(scene):
    scene.misbehave("twilio:list:429:times=2")
    client = await scene.workspace.client(scene.account("twilio"))
    assert await client.find(scene.numbers("twilio")[0]) is not None


async def test_a_subaccount_and_a_key_stand_for_themselves(place):
    sub = place.another(TWILIO_SUBACCOUNT_TOKEN, account_sid=TWILIO_SUBACCOUNT_SID)
    assert (await sub.check()).balance is None
    # Its listing is whole: it has no services, trunks or applications of its parent's.
    assert [one async for page in sub.owned(OwnedQuery()) for one in page.items] == []
    assert [one async for page in sub.targets() for one in page.items] == []
    key = place.another(TWILIO_KEY_SECRET, key_id=TWILIO_KEY_ID)
    assert (await key.check()).balance is not None
    with pytest.raises(ProviderError):
        await place.another("wrong", key_id=TWILIO_KEY_ID).check()


async def test_a_refusal_of_too_many_at_once_is_told_as_such_whatever_its_status(scripted):
    body = {"code": 20429, "message": "Too many concurrent requests", "status": 400}
    made = scripted({"s.json": httpx.Response(400, json=body)})
    with pytest.raises(RateLimited):
        await made.client.find(NUMBER)
