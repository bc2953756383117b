"""The provider that ``providers/README.md`` writes passes the contract suite as it stands there.

It is also the package ``tests/example_plugin``, which CI installs by itself.
"""

import re
import sys
from pathlib import Path
from types import ModuleType

import tui_numbers.providers
from tui_numbers.providers.registry import load_registry

EXAMPLE = Path(__file__).parents[1] / "example_plugin"
README = Path(tui_numbers.providers.__file__).with_name("README.md")
BLOCKS = re.findall(
    r"^```python\n# (\S+)\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
)


FILES = dict(
    re.findall(
        r"^```(?:python|toml|json)\n# (\S+)\n(.*?)^```",
        README.read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    )
)


def module_name(path):
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def load():
    """Make modules of the blocks, each after those that it imports; return them by path."""
    package_last = sorted(BLOCKS, key=lambda block: block[0] == "acme/__init__.py")
    package = sys.modules["acme"] = ModuleType("acme")
    package.__path__ = []
    made = {}
    for path, code in sorted(package_last, key=lambda block: block[0].startswith("tests/")):
        name = module_name(path)
        module = sys.modules.setdefault(name, ModuleType(name))
        # Recordings lie beside the tests that play them.
        module.__file__ = str(EXAMPLE / path)
        made[path] = module
        exec(compile(code, f"{README}:{path}", "exec"), vars(module))
    return made


MODULES = load()
TestAcme = MODULES["tests/test_acme.py"].TestAcme
TestRecordedAcme = MODULES["tests/test_recorded.py"].TestRecordedAcme


def test_the_example_is_the_page_file_by_file():
    files = (path for path in EXAMPLE.rglob("*") if path.is_file())
    kept = [path for path in files if "__pycache__" not in str(path)]
    found = {str(path.relative_to(EXAMPLE)): path.read_text("utf-8") for path in kept}
    assert found == FILES, "make it anew: python -m tests.contract.test_provider_readme"


def test_every_room_of_a_provider_is_shown():
    assert [path for path, _ in BLOCKS] == [
        "acme/info.py", "acme/records.py", "acme/client.py", "acme/__init__.py",
        "tests/test_acme.py", "tests/test_recorded.py",
    ]  # fmt: skip
    rooms = {Path(path).name for path, _ in BLOCKS if path.startswith("acme/")}
    for key in load_registry().plugins:
        assert rooms <= {file.name for file in (README.parent / key).glob("*.py")}


if __name__ == "__main__":
    for name, text in FILES.items():
        (EXAMPLE / name).write_text(text, "utf-8")
