"""Data classes that compile their methods later are those of the standard library."""

import copy
import dataclasses
import pickle
import re
from dataclasses import field, fields, replace
from pathlib import Path

import pytest

import tui_numbers
from tui_numbers.domain import dataclass as ours


def families(dataclass):
    @dataclass(frozen=True, slots=True)
    class Frozen:
        name: str
        count: int = 3
        tags: list = field(default_factory=list)
        label: str = field(default="", compare=False)

    @dataclass(frozen=True)
    class Further:
        first: int
        hidden: str = field(default="x", repr=False)

        @property
        def twice(self):
            return 2 * self.first

    @dataclass
    class Changing:
        first: int
        second: dict = field(default_factory=dict)

        def __post_init__(self):
            self.second["made"] = self.first

    @dataclass(slots=True, eq=False)
    class ByIdentity:
        first: int = 1

    @dataclass(frozen=True)
    class OwnEqual:  # noqa: PLW1641 - the decorator gives it one
        first: int
        second: int

        def __eq__(self, other):
            return isinstance(other, OwnEqual) and self.first == other.first

    @dataclass(frozen=True)
    class OwnBoth(Further):
        more: int = 0

        def __repr__(self):
            return "hidden"

        def __hash__(self):
            return 7

        def __eq__(self, other):
            return True

    @dataclass
    class Empty:
        pass

    return Frozen, Further, Changing, ByIdentity, OwnEqual, OwnBoth, Empty


STANDARD = families(dataclasses.dataclass)
OURS = families(ours.dataclass)
ARGUMENTS = (
    {},
    {"first": 1},
    {"name": "a"},
    {"first": 1, "second": 2},
    {"count": 1},
    {"nobody": 1},
)


SEEN = (
    repr,
    copy.deepcopy,
    dataclasses.asdict,
    lambda made: made != 3,
    lambda made: isinstance(hash(made), int),
    lambda made: setattr(made, fields(made)[0].name, 9),
    lambda made: delattr(made, fields(made)[0].name),
    lambda made: type(made).__match_args__,
    lambda made: type(made).__doc__ is not None,
    lambda made: hasattr(made, "__dict__"),
    lambda made: [(one.name, one.init, one.compare) for one in fields(made)],
)


def outcome(call, *args, **kwargs):
    """What a call comes to, without the addresses of single objects."""
    try:
        return re.sub(r" at 0x\w+", "", repr(call(*args, **kwargs)))
    except Exception as error:  # noqa: BLE001 - the two are compared
        return type(error), str(error)


@pytest.mark.parametrize(("theirs", "own"), list(zip(STANDARD, OURS, strict=True)))
@pytest.mark.parametrize("given", ARGUMENTS)
def test_an_object_is_made_shown_and_compared_as_that_of_the_standard_library(theirs, own, given):
    assert outcome(theirs, **given) == outcome(own, **given)
    try:
        one, other = theirs(**given), own(**given)
    except TypeError:
        return
    for call in (*SEEN, lambda made: replace(made, **given) == made == type(made)(**given)):
        assert outcome(call, one) == outcome(call, other)


@ours.dataclass(frozen=True, slots=True)
class Packed:
    name: str
    tags: list = field(default_factory=list)


def test_a_frozen_object_is_pickled_and_each_has_lists_of_its_own():
    one, other = Packed("a"), Packed("a")
    one.tags.append("x")
    assert other.tags == []
    assert pickle.loads(pickle.dumps(one)) == one != other
    assert {Packed("a", ()), Packed("a", ())} == {Packed("a", ())}
    match one:
        case Packed(name, [tag]):
            assert (name, tag) == ("a", "x")


def test_a_subclass_that_adds_nothing_is_made_like_its_base():
    class Named(Packed):
        pass

    assert repr(Named("a")).endswith("Named(name='a', tags=[])")
    assert Named("a") == Named("a") != Packed("a")
    assert hash(Named("a", ())) == hash(Packed("a", ()))


def test_no_module_of_the_program_waits_for_those_of_the_standard_library():
    package = Path(tui_numbers.__file__).parent
    own = {package / "domain" / "dataclass.py", *package.glob("testing/*.py")}
    waiting = re.compile(
        r"^(import dataclasses|from dataclasses import .*\bdataclass\b)", re.MULTILINE
    )
    found = [path for path in package.rglob("*.py") if waiting.search(path.read_text("utf-8"))]
    assert set(found) <= own
