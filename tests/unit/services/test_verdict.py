from dataclasses import replace

from tests.support.fake_provider import ACCOUNT, INFO, available, owned, phone
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.numbers import NOT_KNOWN, Channel, Target, Undisclosed
from tui_numbers.domain.operations import Action, Asked, Outcome
from tui_numbers.providers.contract import BuyTarget
from tui_numbers.services.planning import plan_buy, plan_release, plan_retarget, plan_set
from tui_numbers.services.verdict import Request, Shows, after_sending, judge, moved

TO = phone("+442079460000")


def _judged(seen, before=None, to=TO):
    before = before or owned(app="app:a1")
    return after_sending(plan_retarget(ACCOUNT, INFO, before, to), before, seen)


def test_what_shows_as_asked_is_verified():
    assert _judged(owned(app="app:a1", voice=TO.text)).outcome is Outcome.VERIFIED


def test_nothing_changed_is_different():
    verdict = _judged(owned(app="app:a1"))
    assert verdict.outcome is Outcome.DIFFERENT
    assert verdict.reason == "Calls: empty instead of phone:+442079460000"


def test_a_change_that_nobody_asked_for_is_different():
    verdict = _judged(owned(app="app:a2", voice=TO.text))
    assert verdict.outcome is Outcome.DIFFERENT
    assert verdict.reason == "App: app:a2 instead of app:a1, which nobody asked for"


def test_settings_as_asked_that_are_not_delivered_are_different():
    seen = replace(owned(app="app:a1", voice=TO.text), routing={"voice": None})
    verdict = _judged(seen)
    assert (verdict.outcome, verdict.reason) == (Outcome.DIFFERENT, "calls go to nowhere")


def test_a_number_that_is_gone_is_different():
    assert _judged(None).outcome is Outcome.DIFFERENT


def test_a_target_of_which_only_the_kind_is_told_stays_unknown():
    before = owned()
    seen = replace(
        owned(app=Undisclosed("app")), routing={"voice": Undisclosed("app"), "sms": None}
    )
    verdict = _judged(seen, before, Target("app", "a1"))
    assert verdict.outcome is Outcome.UNKNOWN
    assert "does not show app" in verdict.reason


def test_a_setting_that_is_never_shown_stays_unknown():
    before = owned()
    plan = plan_set(ACCOUNT, INFO, before, Change({"mail": Set("a@b.c")}))
    assert after_sending(plan, before, owned()).outcome is Outcome.UNKNOWN


def test_purchases_and_releases_go_by_whether_the_number_is_held():
    buy = plan_buy(ACCOUNT, INFO, available(), None)
    assert after_sending(buy, None, owned()).outcome is Outcome.VERIFIED
    assert after_sending(buy, None, None).outcome is Outcome.PENDING
    release = plan_release(ACCOUNT, INFO, owned())
    assert after_sending(release, owned(), None).outcome is Outcome.VERIFIED
    assert after_sending(release, owned(), owned()).outcome is Outcome.DIFFERENT


def test_a_purchase_that_named_its_target_is_held_to_it():
    strict = replace(INFO, buy_target=BuyTarget.REQUIRED)
    plan = plan_buy(ACCOUNT, strict, available(), TO)
    assert after_sending(plan, None, owned(voice=TO.text)).outcome is Outcome.VERIFIED
    verdict = after_sending(plan, None, owned(app="app:a1"))
    assert verdict.outcome is Outcome.DIFFERENT
    assert "app:a1" in verdict.reason


def test_what_moved_is_named():
    assert moved(owned(name="x"), owned(name="y"), INFO) == ["Name: was x, is y"]
    other = replace(owned(), routing={Channel.VOICE: TO})
    assert moved(owned(), other, INFO) == ["calls went to nowhere, now to phone:+442079460000"]


def test_what_cannot_be_read_is_never_taken_for_another_value():
    before = owned(sms="hook:https://a")
    hidden = replace(
        owned(sms="hook:https://b"),
        settings={**before.settings, "app": NOT_KNOWN, "sms": "hook:https://b"},
        routing={**before.routing, Channel.SMS: NOT_KNOWN},
    )
    asked = Asked(Change({"sms": Set("hook:https://b")}), Target("hook", "https://b"), Channel.SMS)
    evidence = judge(Request(Action.RETARGET, before, asked, INFO), hidden)
    assert evidence.shows is Shows.NOT_TOLD
    assert "where SMS goes" in evidence.reason
