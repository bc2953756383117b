from hypothesis import given
from hypothesis import strategies as st

from tui_numbers.domain.changes import CLEAR, Change, Clear, Set
from tui_numbers.domain.numbers import Target

KEYS = st.sampled_from(["voice", "sms", "application", "voice_status", "friendly"])
VALUES = st.text(min_size=1)
SETTINGS = st.dictionaries(KEYS, st.none() | VALUES)
CHANGES = st.dictionaries(KEYS, st.just(CLEAR) | VALUES.map(Set)).map(Change)


@given(SETTINGS, CHANGES)
def test_a_change_keeps_sets_and_clears(settings, change):
    before = dict(settings)
    after = change.applied_to(settings)
    assert settings == before
    assert set(after) == set(settings) | set(change.edits)
    for key, value in after.items():
        edit = change.edits.get(key)
        if edit is None:
            assert value == settings[key]
        else:
            assert value == (None if isinstance(edit, Clear) else edit.value)


@given(SETTINGS, CHANGES)
def test_a_change_made_twice_is_made_once(settings, change):
    after = change.applied_to(settings)
    assert change.applied_to(after) == after


@given(st.data())
def test_the_change_between_two_states_leads_from_one_to_the_other_and_back(data):
    before = data.draw(SETTINGS)
    after = {key: data.draw(st.none() | VALUES) for key in before}
    there, back = Change.between(before, after), Change.between(after, before)
    assert there.applied_to(before) == after
    assert back.applied_to(after) == before
    assert set(there.edits) == set(back.edits) == {k for k in before if before[k] != after[k]}
    assert bool(there) == (before != after)


@given(SETTINGS, SETTINGS)
def test_only_what_both_states_tell_is_changed(before, after):
    assert set(Change.between(before, after).edits) <= set(before) & set(after)


@given(SETTINGS)
def test_no_edit_is_no_change(settings):
    assert not Change({})
    assert Change({}).applied_to(settings) == settings
    assert not Change.between(settings, settings)


def test_an_empty_text_is_not_clearing():
    assert Change({"sms": Set("")}).applied_to({"sms": "x"}) == {"sms": ""}
    assert Change({"sms": CLEAR}).applied_to({"sms": "x"}) == {"sms": None}


@given(st.from_regex(r"[a-z_]+", fullmatch=True), st.text(), st.none() | st.text())
def test_a_target_is_read_back_from_its_text(kind, value, label):
    target = Target(kind, value, label)
    assert Target.from_text(target.text) == target
    assert Target.from_text(target.text, label).label == label
