"""The provider that ``providers/README.md`` writes passes the contract suite as it stands there."""

import re
import sys
from pathlib import Path
from types import ModuleType

import tui_numbers.providers
from tui_numbers.providers.registry import load_registry

README = Path(tui_numbers.providers.__file__).with_name("README.md")
BLOCKS = re.findall(
    r"^```python\n# (\S+)\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
)


def module_name(path):
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def load():
    """Make modules of the blocks, each after those that it imports; return the last one."""
    package_last = sorted(BLOCKS, key=lambda block: block[0] == "acme/__init__.py")
    package = sys.modules["acme"] = ModuleType("acme")
    package.__path__ = []
    for path, code in sorted(package_last, key=lambda block: block[0].startswith("tests/")):
        name = module_name(path)
        module = sys.modules.setdefault(name, ModuleType(name))
        exec(compile(code, f"{README}:{path}", "exec"), vars(module))
    return module


TestAcme = load().TestAcme


def test_every_room_of_a_provider_is_shown():
    assert [path for path, _ in BLOCKS] == [
        "acme/info.py", "acme/records.py", "acme/client.py", "acme/__init__.py",
        "tests/test_acme.py",
    ]  # fmt: skip
    rooms = {Path(path).name for path, _ in BLOCKS[:-1]}
    for key in load_registry().plugins:
        assert rooms <= {file.name for file in (README.parent / key).glob("*.py")}
