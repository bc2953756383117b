from dataclasses import replace
from decimal import Decimal

import pytest

from tests.support.fake_provider import ACCOUNT, INFO, NUMBER, OTHER, available, owned, phone
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.numbers import NOT_KNOWN, Channel, Money, Target
from tui_numbers.providers.contract import (
    BuyField,
    BuyTarget,
    Offer,
    SettingSpec,
    TargetKind,
    ValueKind,
)
from tui_numbers.services.input_parsing import InvalidInput, read_change, read_extras, read_value
from tui_numbers.services.planning import (
    plan_buy,
    plan_release,
    plan_retarget,
    plan_set,
    plan_undo,
)
from tui_numbers.services.preview import Purse, purchase_warnings
from tui_numbers.services.routing import routing_after


def _retarget(seen, text, **more):
    return plan_retarget(ACCOUNT, INFO, seen, phone(text), **more)


def test_a_retarget_knows_its_after():
    plan = _retarget(owned(app="app:a1"), "+442079460000")
    assert plan.change == Change({"voice": Set("phone:+442079460000")})
    assert plan.requested.routing == {"voice": phone("+442079460000"), "sms": Target("app", "a1")}
    assert plan.warnings == ()
    assert plan.is_needed


def test_what_is_already_so_needs_nothing():
    plan = _retarget(owned(voice="phone:+442079460000"), "+442079460000")
    assert not plan.is_needed
    assert plan_set(ACCOUNT, INFO, owned(name="x"), Change({"name": Set("x")})).change == Change({})


def test_a_number_that_points_at_itself_is_warned_of():
    assert _retarget(owned(), NUMBER).warnings == (
        "the target is the number itself: calls would loop",
    )


def test_a_number_that_points_back_is_warned_of():
    back = owned(OTHER, voice=f"phone:{NUMBER}")
    plan = _retarget(owned(), OTHER, others={OTHER: back}.get)
    assert plan.warnings[-1] == f"{OTHER} points back at {NUMBER}: calls would loop"


def test_a_phone_outside_every_numbering_plan_is_a_warning_and_no_refusal():
    plan = _retarget(owned(), "+441234")
    assert plan.warnings == ("+441234 does not fit its country's numbering plan",)
    assert plan.refusal is None


@pytest.mark.parametrize("status", ["porting", "pending"])
def test_a_number_out_of_ordinary_service_is_warned_of(status):
    plan = _retarget(owned(status=status), "+442079460000")
    assert plan.warnings == (f"the number is {status}: the provider may refuse, or apply it late",)


def test_set_warns_of_loops_too_and_refuses_what_cannot_be_cleared():
    plan = plan_set(ACCOUNT, INFO, owned(), Change({"voice": Set(f"phone:{NUMBER}")}))
    assert plan.warnings == ("the target is the number itself: calls would loop",)
    refused = plan_set(ACCOUNT, INFO, owned(name="x"), Change({"name": CLEAR}))
    assert refused.refusal == "name cannot be cleared: there is no way"


def test_a_setting_that_cannot_be_read_is_always_sent():
    assert plan_set(ACCOUNT, INFO, owned(), Change({"mail": Set("a@b.c")})).is_needed
    assert plan_set(ACCOUNT, INFO, owned(), Change({"mail": CLEAR})).is_needed


def test_buying_says_that_it_has_no_undo_and_what_it_costs():
    plan = plan_buy(ACCOUNT, INFO, available(), None)
    assert plan.warnings == ("this has no undo", "price unknown: it is not told")
    dear = available(monthly_cost=Money(Decimal(5), "EUR"), address_requirement="local")
    assert plan_buy(ACCOUNT, INFO, dear, None).warnings == (
        "this has no undo",
        "needs an address registered with the provider: local",
    )
    known = Purse(Money(Decimal(1), "EUR"), ())
    assert purchase_warnings(INFO, [dear], known) == (
        "the balance is EUR 1, less than one month (EUR 5)",
        "no address is registered at Fake: it may refuse",
    )
    assert purchase_warnings(INFO, [dear], Purse(Money(Decimal(1), "USD"), None)) == ()


def test_a_purchase_that_must_name_a_target_asks_for_it():
    strict = replace(INFO, buy_target=BuyTarget.REQUIRED)
    with pytest.raises(InvalidInput, match="add --to"):
        plan_buy(ACCOUNT, strict, available(), None)


def test_what_is_not_offered_is_refused_with_the_reason():
    closed = replace(INFO, buy=Offer(False, "shop shut"), release=Offer(False, "no way out"))
    assert plan_buy(ACCOUNT, closed, available(), None).refusal == "not offered: shop shut"
    assert plan_release(ACCOUNT, closed, owned()).refusal == "not offered: no way out"


def test_a_release_says_that_it_has_no_undo():
    plan = plan_release(ACCOUNT, INFO, owned(status="porting"))
    assert plan.warnings[0] == "this has no undo: the number may never come back"
    assert len(plan.warnings) == 2


@pytest.mark.parametrize(
    ("value", "country"),
    [("+2673676170", "Botswana"), ("+33199001234", "France"), ("+12673676170", "United States")],
)
def test_a_target_in_another_country_is_a_warning(value, country):
    (warning,) = [line for line in _retarget(owned(), value).warnings if "country than" in line]
    assert warning == f"{value} is in another country than the number: {country}"
    assert _retarget(owned(), value).refusal is None


@pytest.mark.parametrize("value", ["+4402079460999", "+330199001234", "02079460999"])
def test_a_stored_number_that_is_none_is_warned_of(value):
    seen = owned(voice=f"phone:{value}")
    change = Change({"voice": Set(f"phone:{value}")})
    plans = [
        _retarget(seen, "+442079460999"),
        _retarget(owned(), value),
        plan_undo(ACCOUNT, INFO, owned(), change, "op"),
        plan_release(ACCOUNT, INFO, seen),
    ]
    for plan in plans:
        assert any(value in line and " is no " in line for line in plan.warnings), plan.action


def test_how_a_target_was_read_stands_first_among_the_warnings():
    read = Target("phone", "+442079460999", notes=("the 0 after +44 was taken off",))
    plan = plan_retarget(ACCOUNT, INFO, owned(), read)
    assert plan.warnings == ("the 0 after +44 was taken off",)


LOCKED = SettingSpec(
    "group", "Group", ValueKind.TARGET, channels=(Channel.SMS,), target_kinds=("group",),
    settable=False, why_not_settable="it is joined elsewhere", why_not_clearable="so it is",
)  # fmt: skip
SHOWN = replace(
    INFO,
    settings=(LOCKED, *(replace(one, displaces=("app",)) if one.key == "voice" else one
                        for one in INFO.settings)),
    target_kinds=(*INFO.target_kinds,
                  TargetKind("group", "Group", (Channel.SMS,), ValueKind.IDENTIFIER, "g1")),
    precedence={**INFO.precedence, Channel.SMS: ("group", "app", "sms")},
)  # fmt: skip
HOOK = Target("hook", "https://h.example/in")


def grouped(**settings):
    made = owned(**settings)
    return replace(made, routing=routing_after(SHOWN, made, made.settings))


def test_a_setting_that_is_only_shown_is_neither_set_nor_cleared_nor_taken_out_of_the_way():
    seen = grouped(group="group:g1")
    for change in (Change({"group": Set("group:g2")}), Change({"group": CLEAR})):
        plan = plan_set(ACCOUNT, SHOWN, seen, change)
        assert plan.refusal == "group is not set from here: it is joined elsewhere"
    told = plan_retarget(ACCOUNT, SHOWN, seen, HOOK, Channel.SMS)
    assert told.refusal == "Group decides where SMS goes: group:g1; it is joined elsewhere"
    for typed in (lambda: read_value(SHOWN, "group", "g2"),
                  lambda: read_change(SHOWN, {}, ("group",), None)):  # fmt: skip
        with pytest.raises(InvalidInput, match="not set from here"):
            typed()


def test_where_it_is_not_known_who_decides_a_retarget_says_so():
    plan = plan_retarget(ACCOUNT, SHOWN, grouped(group=NOT_KNOWN), HOOK, Channel.SMS)
    assert plan.refusal is None
    assert any("could not be read" in line for line in plan.warnings)
    assert plan.change.edits == {"sms": Set(HOOK.text)}


def test_what_a_setting_takes_away_stands_in_the_plan():
    seen = grouped(app="app:a1")
    plan = plan_set(ACCOUNT, SHOWN, seen, Change({"voice": Set("phone:+447700900556")}))
    assert plan.change.edits == {"app": CLEAR, "voice": Set("phone:+447700900556")}
    both = Change({"voice": Set("phone:+447700900556"), "app": Set("app:a2")})
    refused = plan_set(ACCOUNT, SHOWN, grouped(), both)
    assert refused.refusal == "voice and app exclude each other: set one of them"


def test_a_channel_that_is_decided_elsewhere_is_not_changed_from_here():
    seen = replace(grouped(), elsewhere={Channel.VOICE: "region ie1 decides"})
    plan = plan_set(ACCOUNT, SHOWN, seen, Change({"voice": Set("phone:+447700900556")}))
    assert plan.refusal == "region ie1 decides"
    assert plan_set(ACCOUNT, SHOWN, seen, Change({"name": Set("x")})).refusal is None


def test_a_purchase_names_only_what_the_provider_takes():
    field = BuyField("address", "Address", "AD1", "where it is demanded", pattern=r"AD\d+")
    info = replace(INFO, buy_fields=(field,))
    assert read_extras(info, {"address": " AD7 "}) == {"address": "AD7"}
    for wrong in ({"colour": "red"}, {"address": "seven"}, {"address": ""}):
        with pytest.raises(InvalidInput):
            read_extras(info, wrong)
    with pytest.raises(InvalidInput, match="nothing but the number"):
        read_extras(INFO, {"address": "AD7"})
