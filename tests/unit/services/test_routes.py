"""Saved routes: how each stands, what is wrong with a line, applying one and putting it back."""

from dataclasses import replace

import pytest

from tests.support.writes import YES, make_scene, target_for
from tui_numbers.domain.changes import Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Outcome
from tui_numbers.domain.routes import Route, RouteError, RouteLine, Standing, read_route
from tui_numbers.sandbox.app import after_hours
from tui_numbers.services.batch import Batch
from tui_numbers.services.planning import plan_set
from tui_numbers.services.routes import RouteBook, Standings, baseline, to_revert
from tui_numbers.services.undo import prepare_undo
from tui_numbers.wording.on_call import rehearsed_words, route_words

TO = {"voice": Set("phone:+442079460999")}


def line(account, number, **edits):
    return RouteLine(account, E164(number), {key: Set(value) for key, value in edits.items()})


@pytest.fixture
def scene():
    return make_scene(200)


@pytest.fixture
def route(scene):
    """The demo's own: twelve numbers over three providers."""
    return read_route("after-hours", after_hours(scene.sandbox.world))


async def standing(scene, *routes):
    return await Standings(scene.writer).of(routes)


async def apply(scene, route, **more):
    (state,) = await standing(scene, route)
    plans = [replace(one.plan, **more) for one in state.numbers if one.plan and one.plan.is_needed]
    return await Batch(scene.writer, plans, YES).run()


async def change(scene, provider, number, **values):
    """A later change, by hand from here."""
    plan = await scene.set(provider, number, **values)
    assert (await scene.writer.apply(plan, YES)).outcome is Outcome.VERIFIED


async def revert(scene, route):
    (state,) = await standing(scene, route)
    groups = to_revert(scene.journal, state)
    done = left = 0
    for group in groups:
        try:
            plan = await prepare_undo(scene.workspace, *group)
        except Exception:  # noqa: BLE001 - a refusal is what is counted
            left += 1
            continue
        done += (await scene.writer.apply(plan, YES)).outcome is Outcome.VERIFIED
    return done, left


async def test_a_route_stands_by_what_is_owned_now(scene, route):
    (state,) = await standing(scene, route)
    assert (state.in_force, state.elsewhere, state.different, state.impossible) == (0, 12, 0, 0)
    assert route_words(state) == "not in force: 12 of 12 elsewhere"
    await apply(scene, route)
    (state,) = await standing(scene, route)
    assert (state.in_force, state.elsewhere, state.different) == (12, 0, 0)
    assert route_words(state).endswith("by ann: 12 of 12")
    uk = next(one.number for one in route.lines if one.account == "uk-sms")
    await change(scene, "vonage", uk, voice="phone:+442079460111")
    (state,) = await standing(scene, route)
    assert (state.in_force, state.different, state.elsewhere) == (11, 1, 0)
    assert route_words(state).endswith("11 of 12, 1 different")


async def test_a_route_can_be_in_force_without_having_been_applied_here(scene, route):
    owned = [await scene.find(one, scene.numbers(one)[0]) for one in ("parakeet", "vonage")]
    lines = [baseline(scene.workspace.info(one.account), one) for one in owned]
    (state,) = await standing(scene, Route("base", lines=tuple(lines)))
    assert (state.in_force, state.applied_at) == (2, None)
    assert route_words(state) == "in force, not applied from here: 2 of 2"


async def test_an_application_is_one_batch_that_knows_its_route(scene, route):
    results = await apply(scene, route)
    assert {result.outcome for result in results} == {Outcome.VERIFIED}
    operations = scene.journal.operations()
    assert len({one.batch for one in operations}) == 1
    assert {one.route for one in operations} == {"after-hours"}
    assert await apply(scene, route) == []


async def test_putting_it_back_leaves_what_somebody_changed_since(scene, route):
    await apply(scene, route)
    uk = next(one.number for one in route.lines if one.account == "uk-sms")
    await change(scene, "vonage", uk, voice="phone:+442079460111")
    assert await revert(scene, route) == (11, 1)
    now = await scene.find("vonage", uk)
    assert now.settings["voice"] == "phone:+442079460111"
    (state,) = await standing(scene, route)
    assert state.in_force == 0


async def test_what_an_earlier_application_holds_goes_back_with_the_latest(scene, route):
    await apply(scene, route)
    uk = next(one.number for one in route.lines if one.account == "uk-sms")
    await change(scene, "vonage", uk, voice="phone:+442079460111")
    assert len(await apply(scene, route)) == 1
    assert await revert(scene, route) == (12, 0)
    assert (await scene.find("vonage", uk)).settings["voice"] == "phone:+442079460111"


async def test_a_route_that_was_never_applied_has_nothing_to_put_back(scene, route):
    (state,) = await standing(scene, route)
    assert to_revert(scene.journal, state) == []


def bad_lines(scene):
    us, uk = scene.numbers("parakeet")[0], scene.numbers("vonage")[0]
    locked = scene.numbers("vonage")[1]
    scene.workspace.locks = frozenset({locked})
    return {
        "does not hold": line("uk-sms", "+442079460000", voice="phone:+442079460999"),
        "no account 'us-dsk' in use; did you mean 'us-desk'": line("us-dsk", us, target="user:US1"),
        "has no setting 'voice'": line("us-desk", us, voice="phone:+442079460999"),
        "does not list user:US00112233": line(
            "us-desk", us, target="user:US00112233445566778899aabbccddeeff"
        ),
        "not a complete phone number": line("uk-sms", uk, voice="phone:12"),
        "locked": line("uk-sms", locked, voice="phone:+442079460999"),
        "it names no account": replace(
            line("", us, target="x"), account="", problem="it names no account"
        ),
    }


async def test_every_line_that_cannot_be_applied_is_named_before_anything_is_sent(scene, route):
    bad = bad_lines(scene)
    broken = Route("broken", lines=(*bad.values(), *route.lines[:2]))
    (state,) = await standing(scene, broken)
    assert state.impossible == len(bad)
    for said, number in zip(bad, state.numbers, strict=False):
        assert number.standing is Standing.IMPOSSIBLE, said
        assert said in number.problem
        assert number.plan is None
    assert rehearsed_words(state).endswith(f"; {len(bad)} cannot be applied")
    assert scene.writes == []


@pytest.mark.parametrize("which", ["session", "account"])
async def test_what_is_read_only_cannot_be_applied_and_says_so(scene, route, which):
    if which == "session":
        scene.workspace.read_only = True
    else:
        scene.workspace.accounts = tuple(
            replace(one, read_only=True) for one in scene.workspace.accounts
        )
    (state,) = await standing(scene, route)
    assert state.impossible == 12
    assert all("read-only" in one.problem for one in state.numbers)


async def test_an_account_that_cannot_be_asked_is_no_reason_to_leave_the_others(scene, route):
    scene.misbehave("vonage:*:503")
    (state,) = await standing(scene, route)
    failed = [one for one in state.numbers if one.line.account == "uk-sms"]
    assert all("could not be read" in one.problem for one in failed)
    assert state.count(Standing.ELSEWHERE) == 8


async def test_many_numbers_of_an_account_are_read_by_listing_it(scene):
    numbers = scene.numbers("vonage")
    route = Route("all", lines=tuple(RouteLine("uk-sms", one, TO) for one in numbers))
    (state,) = await standing(scene, route)
    assert len(numbers) > 40
    assert len(scene.sandbox.requests) < len(numbers)
    assert state.impossible + state.elsewhere + state.in_force == len(numbers)


async def test_two_routes_over_one_number_know_of_each_other(scene, route):
    other = Route("weekend", lines=route.lines[4:7])
    first, second = await standing(scene, route, other)
    assert (first.sharing, second.sharing) == ({"weekend": 3}, {"after-hours": 3})


async def test_a_line_is_planned_like_any_other_change(scene, route):
    (state,) = await standing(scene, route)
    one = next(one for one in state.numbers if one.line.account == "uk-sms")
    wanted = plan_set(
        scene.account("vonage"), scene.info("vonage"), one.owned, Change(dict(one.line.edits))
    )
    assert (one.plan.change, one.plan.action) == (wanted.change, wanted.action)


class TestBook:
    def test_files_are_saved_read_listed_and_removed(self, tmp_path):
        book = RouteBook(tmp_path / "routes")
        assert (book.names(), book.load_all()) == ([], ([], []))
        route = Route("night", "Night", lines=(line("a", "+12673676170", target="user:US1"),))
        book.save(route, replacing=False)
        assert book.names() == ["night"]
        assert book.load("night").lines[0].edits == route.lines[0].edits
        with pytest.raises(RouteError, match="there already: add --replace"):
            book.save(route, replacing=False)
        book.save(replace(route, title="Nights"), replacing=True)
        assert book.load("night").title == "Nights"
        book.remove("night")
        with pytest.raises(RouteError, match="none is saved"):
            book.load("night")

    def test_a_broken_file_does_not_hide_the_others(self, tmp_path):
        book = RouteBook(tmp_path)
        route = Route("night", lines=(line("a", "+12673676170", target="user:US1"),))
        book.save(route, replacing=False)
        (tmp_path / "broken.toml").write_text("[[numbers")
        (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
        routes, problems = book.load_all()
        assert [one.name for one in routes] == ["night"]
        assert len(problems) == 2

    def test_an_unknown_route_names_the_nearest(self, tmp_path):
        book = RouteBook(tmp_path)
        book.save(Route("after-hours"), replacing=False)
        with pytest.raises(RouteError, match="did you mean 'after-hours'"):
            book.load("after-hour")

    @pytest.mark.parametrize("name", ["../night", "/etc/passwd", "a/b"])
    def test_no_name_leads_out_of_the_directory(self, tmp_path, name):
        book = RouteBook(tmp_path)
        with pytest.raises(RouteError, match="no name of a route"):
            book.load(name)
        with pytest.raises(RouteError, match="no name of a route"):
            book.save(Route(name), replacing=True)
        with pytest.raises(RouteError, match="no name of a route"):
            book.remove(name)

    def test_the_demo_keeps_its_routes_in_memory(self, scene):
        book = RouteBook(None, {"after-hours": after_hours(scene.sandbox.world)})
        book.save(Route("night"), replacing=False)
        assert book.names() == ["after-hours", "night"]
        book.remove("night")
        assert book.names() == ["after-hours"]


async def test_a_target_that_cannot_take_the_channel_is_named(scene):
    number = scene.numbers("vonage")[0]
    target = target_for(scene, "vonage")
    route = Route("sms", lines=(line("uk-sms", number, sms=target.text),))
    (state,) = await standing(scene, route)
    assert "sms takes" in state.numbers[0].problem or "webhook" in state.numbers[0].problem
