"""The installed Textual has everything undocumented that the dashboard uses, and nothing else is.

When Textual changes, this fails first and names what is gone.
"""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from functools import cache

import pytest
from textual.driver import Driver
from textual.message_pump import MessagePump

import tui_numbers.ui
from tui_numbers.ui.textual_private import USES


def found(use):
    module, _, name = use.owner.partition(":")
    owner = importlib.import_module(module)
    return getattr(owner, name) if name else owner


@cache
def stored_names(owner):
    """Return the attributes that a class of Textual sets on its instances."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def of_textual(kind):
    return [base for base in kind.__mro__ if base.__module__.startswith("textual")]


def names_of_textual(kind):
    """Return every name that the bases of a class which are Textual's own give it."""
    bases = of_textual(kind)
    return {name for base in bases for name in (*vars(base), *stored_names(base))}


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.owner}.{use.name}")
def test_textual_has_what_it_does_not_document(use):
    owner = found(use)
    member = inspect.getattr_static(owner, use.name, None)
    known = member is not None or use.name in names_of_textual(owner)
    assert known, f"{use.owner} has no {use.name} any more; it is needed since: {use.why}"
    if use.parameters is not None:
        parameters = tuple(inspect.signature(member).parameters)[1:]
        assert parameters == use.parameters, f"needed since: {use.why}"


def our_classes():
    for module in pkgutil.walk_packages(tui_numbers.ui.__path__, "tui_numbers.ui."):
        loaded = importlib.import_module(module.name)
        for kind in vars(loaded).values():
            if (
                isinstance(kind, type)
                and issubclass(kind, (MessagePump, Driver))
                and kind.__module__ == module.name
            ):
                yield kind


def private_names_in(kind):
    """Return the private names that a class defines, or uses of itself."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = node.name
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "super()"):
            name = node.attr
        else:
            continue
        if name.startswith("_") and not name.startswith("__"):
            yield name


def test_no_class_uses_a_private_name_of_textual_that_is_not_listed():
    listed = {use.name for use in USES}
    for kind in our_classes():
        used = set(private_names_in(kind)) & names_of_textual(kind)
        assert used <= listed, kind.__qualname__


def test_no_other_module_imports_what_textual_keeps_to_itself():
    for module in pkgutil.walk_packages(tui_numbers.__path__, "tui_numbers."):
        if module.name in ("tui_numbers.ui.textual_private", "tui_numbers.__main__"):
            continue
        source = inspect.getsource(importlib.import_module(module.name))
        if "from textual" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual"):
                assert "._" not in node.module, module.name
                assert not any(one.name.startswith("_") for one in node.names), module.name
