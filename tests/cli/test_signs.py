"""The signs for contributors name files, functions and recipes that are there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tui_numbers"
SIGNS = [
    ROOT / "CONTRIBUTING.md",
    PACKAGE / "README.md",
    PACKAGE / "providers" / "README.md",
    ROOT / "tests" / "README.md",
]
PATH = r"(?:\w[\w.-]*/)+[\w.*<>-]*|\.?\w[\w-]*\.(?:py|md|toml|yaml)"


def text_of(sign):
    return re.sub(r"^```.*?^```", "", sign.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def found(sign, path):
    if path == "config.toml":
        return True
    pattern = path.replace("<name>", "*")
    roots = (ROOT, PACKAGE, sign.parent, PACKAGE / "providers" / "vonage")
    return any(next(root.glob(pattern), None) for root in roots)


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: str(sign.relative_to(ROOT)))
def test_the_files_that_a_sign_names_are_there(sign):
    text = text_of(sign)
    named = re.findall(rf"`({PATH})`", text) + re.findall(r"\]\(([^)#:]+)\)", text)
    assert named
    assert [path for path in named if not found(sign, path)] == []


def test_the_functions_that_the_package_sign_names_are_there():
    pairs = re.findall(
        r"`((?:\w+/)+[\w<>]+\.py)`: ((?:`[\w.]+`(?:, )?)+)", text_of(SIGNS[1]).replace("\n   ", " ")
    )
    assert len(pairs) > 4
    for path, names in pairs:
        files = list(PACKAGE.glob(path.replace("<name>", "*")))
        source = "".join(file.read_text("utf-8") for file in files)
        for name in re.findall(r"`([\w.]+)`", names):
            for part in name.split("."):
                assert re.search(rf"\b(?:def|class) {part}\b", source), (path, name)


def test_the_recipes_that_contributing_names_are_there():
    justfile = (ROOT / ".justfile").read_text("utf-8")
    recipes = set(re.findall(r"^(\w+)(?: \*ARGS)?:$", justfile, re.MULTILINE))
    named = set(re.findall(r"^\| `(\w+)` \|", SIGNS[0].read_text("utf-8"), re.MULTILINE))
    assert named == recipes - {"_list"}


def test_the_source_distribution_has_the_signs_and_the_package_its_own():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert {"CONTRIBUTING.md", "CHANGELOG.md", "README.md", "tests", "tui_numbers"} <= set(shipped)
