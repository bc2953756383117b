"""No string reaches a Textual sink but through the one door, judged by the source alone.

What may be handed over: literals, and what ``ui/text.py`` or a function that returns ``Content``
made. ``markup=False`` is not enough, since it leaves control characters as they are.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

import tui_numbers.ui

ROOT = Path(tui_numbers.ui.__file__).parent
FILES = sorted(
    path for path in ROOT.rglob("*.py") if "terminal" not in path.parts and path.name != "text.py"
)

SINKS = {"Static", "Label", "Button", "Option", "Checkbox", "RadioButton", "Tab", "TabPane"} | {
    "Collapsible", "Markdown", "Text", "Content", "Content.styled", "update", "notify"
}  # fmt: skip
"""Calls whose first argument is shown."""
PROPERTIES = {"border_title", "border_subtitle", "tooltip", "label", "sub_title", "title"}
"""Attributes that are shown when they are set; ``self.label`` is of the program's own widgets."""
DOORS = {"content", "stacked", "fit", "shown", "marked"}
NEVER = {"from_markup", "Select", "SelectionList", "TextArea", "RichLog", "Log", "Tree", "Toast"}
"""What cannot be used safely, or has not been looked at yet."""
INPUTS = {"line_input.py", "account_form.py"}
"""Where Textual's own input is made into one that holds nothing harmful."""
OTHER_UPDATES = {"marks.py", "actions.py", "widget.py", "model.py"}
"""Files whose ``update`` is that of a set, a dictionary or a table's rows."""


def name_of(call: ast.expr) -> str:
    match call:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="Content"), attr="styled"):
            return "Content.styled"
        case ast.Attribute(attr=name):
            return name
        case _:
            return ""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def safe_calls() -> set[str]:
    """Return the doors, and the names of all functions that say that they return ``Content``."""
    return (
        DOORS
        | {"Content", "Content.styled", "measure", "max", "min"}
        | {
            node.name
            for tree in map(tree_of, FILES)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            and isinstance(node.returns, ast.Name)
            and node.returns.id == "Content"
        }
    )


MADE_OF = {
    ast.JoinedStr: "values",
    ast.BoolOp: "values",
    ast.List: "elts",
    ast.Tuple: "elts",
    ast.FormattedValue: "value",
    ast.Starred: "value",
    ast.Subscript: "value",
    ast.ListComp: "elt",
    ast.GeneratorExp: "elt",
}
"""Expressions that are as safe as their parts."""


class Reader:
    """Judges expressions by what the source says of their names."""

    def __init__(self, tree: ast.Module) -> None:
        self.assigned: dict[str, list[ast.expr | None]] = {}
        for node in ast.walk(tree):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[target], value=value):
                self._add(target, value)
            case ast.AnnAssign(target=target, value=value):
                self._add(target, self._of_type(node.annotation) or value)
            case ast.arg(arg=name, annotation=annotation):
                self.assigned.setdefault(name, []).append(self._of_type(annotation))
            case (
                ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source)
            ):
                self._add(target, source)
            case _:
                pass

    def _add(self, target: ast.expr, value: ast.expr | None) -> None:
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        for part in parts:
            self.assigned.setdefault(ast.unparse(part).lstrip("*"), []).append(value)

    def _of_type(self, annotation: ast.expr | None) -> ast.expr | None:
        """Stand in for a value that its type says is safe."""
        return ast.Constant("") if annotation and ast.unparse(annotation) == "Content" else None

    def is_safe(self, value: ast.expr | None, depth: int = 0) -> bool:
        def safe(part: ast.expr | None) -> bool:
            return self.is_safe(part, depth + 1)

        if value is None or depth > 9:
            return False
        if type(value) in MADE_OF:
            parts = getattr(value, MADE_OF[type(value)])
            return all(map(safe, parts if isinstance(parts, list) else [parts]))
        match value:
            case ast.Constant():
                return True
            case ast.BinOp(left=left, right=right):
                return safe(left) and (isinstance(value.op, ast.Mult) or safe(right))
            case ast.IfExp(body=one, orelse=other):
                return safe(one) and safe(other)
            case ast.Call(func=func):
                return self._is_safe_call(value, name_of(func), safe)
            case ast.Name() | ast.Attribute():
                found = self.assigned.get(ast.unparse(value), [])
                return bool(found) and all(map(safe, found))
            case _:
                return False

    def _is_safe_call(self, call: ast.Call, name: str, safe) -> bool:
        if name in safe_calls():
            # A constructor of content is a sink of its own, and judged where it stands.
            return True
        if name in ("stylize", "join", "wrap", "append", "rstrip", "ljust"):
            return isinstance(call.func, ast.Attribute) and safe(call.func.value)
        return False


def sinks(tree: ast.Module, path: Path):
    """Yield (line, what is shown) of every sink in a file."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func, args=[first, *_]) if name_of(func) in SINKS:
                if name_of(func) != "update" or path.name not in OTHER_UPDATES:
                    yield node.lineno, first
            case ast.Assign(targets=[ast.Attribute(value=on, attr=name)], value=value):
                if name in PROPERTIES and ast.unparse(on) != "self":
                    yield node.lineno, value
            case ast.keyword(arg="tooltip", value=value):
                yield value.lineno, value
            case _:
                pass


def test_every_sink_gets_a_literal_or_what_the_door_made() -> None:
    bare = []
    for path in FILES:
        reader = Reader(tree_of(path))
        bare += [
            f"{path.relative_to(ROOT)}, line {line}: {ast.unparse(value)}"
            for line, value in sinks(tree_of(path), path)
            if not reader.is_safe(value)
        ]
    assert not bare, "\n".join(bare)


def test_nothing_is_used_that_parses_markup_or_holds_what_was_pasted() -> None:
    for path, node in ((one, node) for one in FILES for node in ast.walk(tree_of(one))):
        where = f"{path.relative_to(ROOT)}, line {getattr(node, 'lineno', '')}"
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            assert name not in NEVER, f"{where}: {name}"
            assert name != "Input", f"{where}: LineInput takes its place"
        if isinstance(node, ast.ClassDef) and path.name not in INPUTS:
            assert "Input" not in [name_of(base) for base in node.bases], where
        if isinstance(node, ast.keyword) and node.arg == "markup":
            assert ast.unparse(node.value) == "False", f"{where}: markup"


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        ("Static('x')", True),
        ("Static(content(name))", True),
        ("Static(f'{fit(name, 3)} x')", True),
        ("Static(name)", False),
        ("Static(name, markup=False)", False),
        ("Static(f'{name}')", False),
        ("text = 'x'\nStatic(text)", True),
        ("text = name\nStatic(text)", False),
        ("here.update(Content(name))", False),
        ("here.update(content(a) + Content(' '))", True),
        ("here.update(content(a) + b)", False),
        ("here.border_title = name", False),
        ("here.notify(name)", False),
        ("Option(content(a).stylize('bold'))", True),
    ],
)
def test_the_judge_itself(source: str, safe: bool) -> None:
    tree = ast.parse(source)
    reader = Reader(tree)
    assert all(reader.is_safe(value) for _, value in sinks(tree, Path("x.py"))) == safe
