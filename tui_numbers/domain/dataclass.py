"""Make data classes as the standard library does, and compile their methods when they are called.

``dataclasses`` compiles up to seven methods of each class when its module is loaded, which takes
about a millisecond a class; the first key waits for eighty classes. Here a method is compiled when
it is first called. Fields, ``replace``, ``asdict`` and matching are those of the standard library.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, FrozenInstanceError
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]

Method = Callable[..., Any]


def _dataclass(
    cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True
) -> Any:
    """Make a data class of ``cls``; the arguments are those of the standard library."""

    def make(cls: type) -> type:
        own = frozenset(cls.__dict__)
        is_hashed = cls.__dict__.get("__hash__") is not None
        if cls.__doc__ is None:
            # The standard library would write the signature out, which takes longer than the rest.
            cls.__doc__ = cls.__name__
        made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        methods: dict[str, Method | None] = {
            "__init__": _late(made, lambda: _init(made, frozen=frozen, slots=slots)),
            "__repr__": _repr(made),
        }
        if eq:
            methods["__eq__"] = _late(made, lambda: _eq(made))
            if not is_hashed:
                # Python itself has put None there where the class has an ``__eq__`` of its own.
                own -= {"__hash__"}
                methods["__hash__"] = _late(made, lambda: _hash(made)) if frozen else None
        if frozen:
            methods |= _refusals()
            if slots:
                methods |= _state(made)
        for name, method in methods.items():
            if name not in own:
                setattr(made, name, method)
        return made

    return make if cls is None else make(cls)


if not TYPE_CHECKING:
    dataclass = _dataclass


def _late(made: type, compile_method: Callable[[], Method]) -> Method:
    """Return a method that puts the compiled one in its own place, and calls it."""

    def first(self: object, *args: object, **kwargs: object) -> Any:
        method = compile_method()
        method.__qualname__ = f"{made.__qualname__}.{method.__name__}"
        setattr(made, method.__name__, method)
        return method(self, *args, **kwargs)

    return first


def _compiled(
    name: str, parameters: Iterable[str], lines: Iterable[str], names: Mapping[str, object]
) -> Method:
    """Return the function of that name, whose lines know ``names``."""
    scope = dict(names)
    body = "\n ".join(lines)
    # All of it is made here, of the names of fields.
    exec(f"def {name}({', '.join(parameters)}):\n {body}", scope)  # noqa: S102
    method: Method = scope[name]  # type: ignore[assignment]
    return method


_ABSENT = object()
"""Stands for an argument that was not given, where each object gets a value of its own."""


def _init(made: type, *, frozen: bool, slots: bool) -> Method:
    names: dict[str, object] = {"_absent": _ABSENT, "_set": object.__setattr__}
    parameters, lines = ["self"], []
    for field in dataclasses.fields(made):
        name = value = field.name
        default = ""
        if field.default is not MISSING:
            names[f"_default_{name}"] = field.default
            default = f"=_default_{name}"
        elif field.default_factory is not MISSING:
            names[f"_make_{name}"] = field.default_factory
            default = "=_absent"
            value = f"_make_{name}() if {name} is _absent else {name}"
        if not field.init:
            continue
        parameters.append(name + default)
        if frozen and slots:
            # Quicker than to look the slot up by its name.
            names[f"_set_{name}"] = getattr(made, name).__set__
            lines.append(f"_set_{name}(self, {value})")
        elif frozen:
            lines.append(f"_set(self, '{name}', {value})")
        else:
            lines.append(f"self.{name} = {value}")
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    return _compiled("__init__", parameters, lines or ["pass"], names)


def _eq(made: type) -> Method:
    lines = (
        "if other.__class__ is self.__class__:",
        f" return {_tuple_of(made, 'self')} == {_tuple_of(made, 'other')}",
        "return NotImplemented",
    )
    return _compiled("__eq__", ("self", "other"), lines, {})


def _hash(made: type) -> Method:
    return _compiled("__hash__", ("self",), (f"return hash({_tuple_of(made, 'self')})",), {})


def _tuple_of(made: type, owner: str) -> str:
    """Return, as source, a tuple of what is compared."""
    names = (field.name for field in dataclasses.fields(made) if field.compare)
    return f"({''.join(f'{owner}.{name}, ' for name in names)})"


def _repr(made: type) -> Method:
    shown = tuple(field.name for field in dataclasses.fields(made) if field.repr)

    @recursive_repr()
    def written(self: object) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    return written


def _refusals() -> dict[str, Method]:
    def refuse_set(self: object, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def refuse_delete(self: object, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    return {"__setattr__": refuse_set, "__delattr__": refuse_delete}


def _state(made: type) -> dict[str, Method]:
    """Return how objects that refuse to be changed are copied and pickled."""
    names = tuple(field.name for field in dataclasses.fields(made))

    def state(self: object) -> list[object]:
        return [getattr(self, name) for name in names]

    def restore(self: object, state: list[object]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {"__getstate__": state, "__setstate__": restore}
