"""The parts of README.md that are made from the code: ``python tests/cli/readme.py`` rewrites them.

Each stands between ``<!-- name -->`` and ``<!-- /name -->``.
"""

import re
from pathlib import Path

import click

from tui_numbers.cli import reference
from tui_numbers.cli.app import _COMMANDS, cli
from tui_numbers.services.config_keys import sections
from tui_numbers.ui.palette import key_rows

README = Path(__file__).parents[2] / "README.md"


def _block(text):
    return f"```\n{text}\n```"


def _unindented(text):
    return re.sub(r"^ {2}", "", text, flags=re.MULTILINE)


def _escaped(cell):
    return cell.replace("|", "\\|")


def _line(cells):
    """Return a row of a Markdown table."""
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _table(headings, rows, code=1):
    """Return a Markdown table, whose first columns are set as code."""
    lines = [_line(headings), _line(["---"] * len(headings))]
    for row in rows:
        cells = enumerate(row)
        lines.append(_line(f"`{cell}`" if at < code and cell else cell for at, cell in cells))
    return "\n".join(lines)


def keys():
    """Return every key of the dashboard as a Markdown table."""
    lines = ["| Key | Does | Id for `[keymap]` |", "| --- | --- | --- |"]
    last = ""
    for group, keys, words, identifier in key_rows({}):
        if group != last:
            lines.append(f"| **{group}** | | |")
            last = group
        shown = " ".join(f"`{key}`" for key in keys.split(" "))
        lines.append(f"| {shown} | {words} | `{identifier}` |")
    return "\n".join(lines)


def _commands():
    """Return every command with its line of help."""
    context = click.Context(cli, info_name="tui-numbers")
    rows = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        own = [_written(param, context) for param in command.params if _is_needed(param)]
        more = ["COMMAND"] if isinstance(command, click.Group) else []
        rows.append(
            (" ".join(filter(None, (name, *own, *more))), _COMMANDS[name][1].removesuffix("."))
        )
    return _table(("Command", "Does"), rows)


def _is_needed(param):
    return param.required or isinstance(param, click.Argument)


def _written(param, context):
    metavar = param.make_metavar(context)
    return metavar if isinstance(param, click.Argument) else f"{param.opts[0]} {metavar}"


def _providers():
    """Return a table with a column for each provider."""
    known = reference.infos()
    columns = [reference.provider_facts(info) for info in known.values()]
    headings = ("", *(info.title for info in known.values()))
    rows = [(facts[0][0], *(value for _, value in facts)) for facts in zip(*columns, strict=True)]
    return _table(headings, rows, code=0)


def _configuration():
    """Return every key of the configuration, a table for each section."""
    headings = ("Key", "Holds", "Without it", "Meaning", "Example")
    parts = []
    for title, keys in sections(reference.infos()):
        rows = [
            (f"`{one.key}`", one.holds, one.default, one.meaning, f"`{one.example}`")
            for one in keys
        ]
        parts.append(f"**{title}**\n\n{_table(headings, rows, code=0)}")
    return "\n\n".join(parts)


PARTS = {
    "keys": keys,
    "providers": _providers,
    "sandbox account": lambda: _block(_unindented(reference.sandbox_account())),
    "headless": lambda: _block(reference.headless_recipe()),
    "configuration": _configuration,
    "environment": lambda: _table(("Variable", "Means"), reference.environment()),
    "commands": _commands,
    "exit codes": lambda: _table(("Code", "Means"), reference.exit_codes()),
    "outcomes": lambda: _table(("Outcome", "Means"), reference.outcomes()),
    "safety": lambda: reference.body("safety"),
    "troubleshooting": lambda: _table(("You see", "Do"), reference.troubleshooting(), code=0),
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
