"""The files of saved routes: made for git and a reviewer, and for hands that err."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain.changes import CLEAR, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.routes import (
    Route,
    RouteError,
    RouteLine,
    check_name,
    read_route,
    route_text,
)

US, UK = E164("+12673676170"), E164("+447400906170")
FILE = """\
title = "After hours"
note = "Everything to the bridge. Ask Dana before Sundays."
[[numbers]]
account = "us-desk"
number = "+1 267-367-6170"
set = { target = "team:TM3a3586636b1911e7b0da9d1ed734b501" }

[[numbers]]
account = "uk-sms"
number = "+447400906170"
set = { voice = "phone:+442079460999" }
clear = ["sms"]
"""


def test_a_file_is_read():
    route = read_route("after-hours", FILE)
    assert (route.name, route.title) == ("after-hours", "After hours")
    assert route.note.endswith("before Sundays.")
    first, second = route.lines
    assert (first.account, first.number, first.problem) == ("us-desk", US, None)
    assert first.edits == {"target": Set("team:TM3a3586636b1911e7b0da9d1ed734b501")}
    assert second.edits == {"voice": Set("phone:+442079460999"), "sms": CLEAR}
    assert route.problems == ()


def test_what_is_no_toml_names_the_line():
    with pytest.raises(RouteError, match=r"route night is not TOML: .*line 2"):
        read_route("night", 'title = "a"\n[[numbers\n')


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('number = "+12673676170"\nset = { target = "a:b" }', 'add account = "NAME"'),
        ('account = "a"\nset = { target = "a:b" }', "it names no number"),
        ('account = "a"\nnumber = "6170"\nset = { t = "a:b" }', "6170"),
        ('account = "a"\nnumber = "++12673676170"\nset = { t = "a:b" }', "two plus signs"),
        ('account = "a"\nnumber = "+12673676170"', "it sets nothing"),
        ('account = "a"\nnumber = "+12673676170"\nset = { t = 5 }', "set is written as"),
        ('account = "a"\nnumber = "+12673676170"\nset = { t = " " }', "t is empty: to remove it"),
        ('account = "a"\nnumber = "+12673676170"\nclear = "t"', "clear is written as"),
        ('account = "a"\nnumber = "+12673676170"\nset = { t = "x" }\nclear = ["t"]',
         "both set and cleared"),
        ('acount = "a"\nnumber = "+12673676170"\nset = { t = "x" }', "did you mean 'account'"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used_is_kept_with_its_reason(entry, said):
    route = read_route("night", f"{FILE}\n[[numbers]]\n{entry}\n")
    assert [line.problem for line in route.lines[:2]] == [None, None]
    assert said in route.lines[2].problem


def test_a_number_that_stands_twice_is_a_problem_of_the_second():
    twice = (
        FILE + '[[numbers]]\naccount = "us-desk"\nnumber = "tel:+12673676170"\nset = { t = "x" }'
    )
    route = read_route("night", twice)
    assert route.lines[2].problem == "the number stands in entry 1 too: leave one of them out"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no numbers"),
        ("numbers = 5", "written as [[numbers]]"),
        ("title = 5", "title is a text"),
        ("tilte = 'x'", "did you mean 'title'"),
    ],
)
def test_what_is_wrong_with_a_whole_file_is_said(text, said):
    assert any(said in problem for problem in read_route("night", text).problems)


@pytest.mark.parametrize(
    "name", ["", "After", "a b", "../x", "a/b", ".hidden", "-a", "ü", "a" * 80]
)
def test_a_name_is_that_of_a_file_here_and_nowhere_else(name):
    with pytest.raises(RouteError, match="no name of a route"):
        check_name(name)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
EDITS = st.dictionaries(
    st.sampled_from(["target", "voice", "sms", "friendly"]),
    st.one_of(st.just(CLEAR), TEXTS.filter(str.strip).map(Set)),
    min_size=1,
)
LINES = st.lists(
    st.tuples(st.sampled_from(["us-desk", "uk-sms"]), st.sampled_from([US, UK]), EDITS),
    min_size=1,
    unique_by=lambda line: line[:2],
)


@given(title=TEXTS, note=TEXTS, lines=LINES)
def test_what_is_written_is_read_again_as_it_was(title, note, lines):
    route = Route("night", title, note, tuple(RouteLine(*line) for line in lines))
    read = read_route("night", route_text(route))
    assert (read.title, read.note, read.problems) == (title, note, ())
    assert [(one.account, one.number, dict(one.edits), one.problem) for one in read.lines] == [
        (*line, None) for line in lines
    ]


@given(st.text(max_size=200))
def test_no_file_breaks_anything(text):
    with contextlib.suppress(RouteError):
        assert read_route("night", text).name == "night"


def test_routes_that_set_the_same_of_a_number_are_told():
    other = Route("weekend", lines=(RouteLine("uk-sms", UK, {"voice": Set("phone:+1")}),))
    route = read_route("night", FILE)
    assert route.shared_with(other) == [("uk-sms", UK)]
    apart = Route("texts", lines=(RouteLine("uk-sms", UK, {"application": CLEAR}),))
    assert route.shared_with(apart) == []
