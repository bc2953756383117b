"""Where calls end: followed through every owned number, rings named, the rest not guessed."""

import itertools
from dataclasses import replace

import pytest

from tests.support.fake_provider import INFO, owned
from tests.support.writes import make_scene
from tui_numbers.domain.numbers import Channel, Target, Undisclosed
from tui_numbers.services.call_path import LONGEST, follow, path_of

A, B, C = "+442079460001", "+442079460002", "+442079460003"


def number(e164, target=None, account="desk"):
    routing = {Channel.VOICE: target}
    return replace(owned(e164), account=account, routing=routing)


def to(value):
    return Target("phone", value)


def path(start, *held):
    def holders(wanted):
        return [one for one in held if one.number == wanted]

    return follow(start, holders, lambda account: INFO)


def test_a_number_that_is_not_ours_ends_it():
    (hop,) = path(number(A, to("+442079460999")))
    assert hop.record == {
        "account": "desk", "number": A, "kind": "phone", "value": "+442079460999", "label": None,
        "note": "not ours: what answers there is not known from here",
    }  # fmt: skip


def test_a_private_mobile_says_that_its_mailbox_may_answer():
    (hop,) = path(number(A, to("+447400123456")))
    assert hop.note == "a mobile, and not ours: its mailbox may answer"


def test_owned_numbers_of_every_account_are_followed():
    hops = path(number(A, to(B)), number(B, to(C), "other"), number(C, Target("app", "a1", "IVR")))
    assert [(hop.account, hop.number) for hop in hops] == [("desk", A), ("other", B), ("desk", C)]
    assert (hops[-1].label, hops[-1].note) == (
        "IVR", "what happens there is decided at Fake: not known from here"
    )  # fmt: skip
    assert [hop.note for hop in hops[:-1]] == [None, None]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([number(A, to(A))], f"a ring, so calls loop: {A} -> {A}"),
        ([number(A, to(B)), number(B, to(A))], f"a ring, so calls loop: {A} -> {B} -> {A}"),
        (
            [number(A, to(B)), number(B, to(C)), number(C, to(B))],
            f"a ring, so calls loop: {A} -> {B} -> {C} -> {B}",
        ),
    ],
)
def test_a_ring_is_named(held, said):
    hops = path(held[0], *held)
    assert (hops[-1].note, hops[-1].is_ring) == (said, True)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (None, "calls go nowhere"),
        (Undisclosed("app"), "Fake does not tell which app it is"),
        (Target("sip", "sip:desk@pbx.example"), "decided by its exchange"),
        (Target("hook", "https://h.example/in"), "what it answers is not known"),
        (to("123"), "no complete phone number"),
    ],
)
def test_what_cannot_be_known_is_said(target, said):
    (hop,) = path(number(A, target))
    assert said in hop.note


def test_a_number_at_two_accounts_is_not_guessed():
    hops = path(number(A, to(B)), number(B, to(C), "one"), number(B, None, "two"))
    assert hops[-1].note == "held by one and two: which of them calls reach is not known from here"


def test_what_decides_elsewhere_is_said_first():
    elsewhere = replace(number(A, to(B)), elsewhere={Channel.VOICE: "region ie1 decides"})
    assert path(elsewhere)[0].note == "region ie1 decides"


def test_a_way_without_end_is_told_as_far_as_it_was_followed():
    chain = [f"+4420794600{place:02}" for place in range(10, 40)]
    held = [number(one, to(other)) for one, other in itertools.pairwise(chain)]
    hops = path(held[0], *held)
    assert (len(hops), hops[-1].note) == (LONGEST, "followed no further: the way is very long")


async def test_numbers_on_the_way_are_read_afresh():
    scene = make_scene(60)
    start = await scene.find("vonage", scene.numbers("vonage")[0])
    onward = scene.numbers("fonedynamics")[0]
    (alone,) = await path_of(scene.workspace, replace(start, routing={}))
    assert alone.note == "calls go nowhere"
    hops = await path_of(
        scene.workspace, replace(start, routing={Channel.VOICE: Target("phone", onward)})
    )
    assert hops[1].number == onward
    scene.misbehave("*:*:503")
    hops = await path_of(
        scene.workspace, replace(start, routing={Channel.VOICE: Target("phone", onward)})
    )
    assert "not known whether it is ours" in hops[-1].note
