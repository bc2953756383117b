"""Prints the lowest version of each dependency that ``pyproject.toml`` allows, one a line.

With ``--tools``: what the tests need beside them, without the exact version of Textual.
"""

import re
import sys
import tomllib
from pathlib import Path

_LOWEST = re.compile(r"([\w.-]+)\s*>=\s*([\w.]+)[^;]*(;.*)?")


def main() -> None:
    """Print what pip takes as constraints, or as requirements."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    if sys.argv[1:] == ["--tools"]:
        tools = project["optional-dependencies"]["test"]
        sys.stdout.writelines(f"{one}\n" for one in tools if not one.startswith("textual="))
        return
    for one in project["dependencies"]:
        found = _LOWEST.fullmatch(one)
        if found is None:
            raise SystemExit(f"{one}: no lowest version is told")
        sys.stdout.write(f"{found[1]}=={found[2]}{found[3] or ''}\n")


if __name__ == "__main__":
    main()
