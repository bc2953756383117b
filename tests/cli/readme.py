"""The parts of README.md that are made from the code: ``python tests/cli/readme.py`` rewrites them.

Each stands between ``<!-- name -->`` and ``<!-- /name -->``.
"""

import re
from pathlib import Path

from tui_numbers.cli import reference, topics
from tui_numbers.ui.help import markdown_keys

README = Path(__file__).parents[2] / "README.md"


def _block(text):
    return f"```\n{text}\n```"


def _unindented(text):
    return re.sub(r"^ {2}", "", text, flags=re.MULTILINE)


PARTS = {
    "keys": markdown_keys,
    "providers": lambda: reference.providers_markdown(reference.infos()),
    "sandbox account": lambda: _block(_unindented(reference.sandbox_account())),
    "headless": lambda: _block(reference.headless_recipe()),
    "configuration": lambda: reference.configuration_markdown(reference.infos()),
    "environment": lambda: reference.environment().markdown(),
    "commands": lambda: reference.commands().markdown(),
    "exit codes": lambda: reference.exit_codes().markdown(),
    "outcomes": lambda: reference.outcomes().markdown(),
    "safety": lambda: topics.body("safety"),
    "troubleshooting": lambda: reference.troubles().markdown(),
}


def part(name):
    """Return what README.md has between the marks of a part."""
    found = re.search(
        f"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", README.read_text("utf-8"), re.DOTALL
    )
    assert found, f"README.md has no <!-- {name} --> … <!-- /{name} -->"
    return found[1]


def rewrite():
    """Put every part into README.md as the code has it now."""
    for name, make in PARTS.items():
        part(name)
        text = README.read_text("utf-8")
        before, opening, rest = text.partition(f"<!-- {name} -->\n")
        _, closing, after = rest.partition(f"\n<!-- /{name} -->")
        README.write_text(f"{before}{opening}{make()}{closing}{after}", "utf-8")


if __name__ == "__main__":
    rewrite()
