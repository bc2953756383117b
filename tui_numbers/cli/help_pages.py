"""Help written down beforehand, so that showing it loads nothing.

``python -m tui_numbers.cli.help_pages`` writes the pages anew from the commands themselves.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui_numbers.cli.streams import OutputLost, silence

if TYPE_CHECKING:
    import click

FOLDER = os.path.join(os.path.dirname(__file__), "pages")  # noqa: PTH118, PTH120 - pathlib loads
COLUMNS = 80
"""Cells of the narrowest terminal for which the pages are written; a wider one changes nothing."""
_HELP = ("-h", "--help")


def page_for(arguments: Sequence[str]) -> str | None:
    """Return the help that a command line asks for, or None where the commands must be read."""
    *names, last = arguments or [""]
    if (
        last not in _HELP
        or any(not name.replace("-", "").isalpha() for name in names)
        or _columns() < COLUMNS
    ):
        return None
    try:
        with open(path_of(names), encoding="utf-8") as page:  # noqa: PTH123 - as above
            return page.read()
    except OSError:
        return None


def path_of(names: Sequence[str]) -> str:
    """Return where the page of a command is, by the words of its name."""
    return os.path.join(FOLDER, "-".join(["tui-numbers", *names]) + ".txt")  # noqa: PTH118 - as above


def show(page: str) -> int:
    """Write a page to standard output; return the exit code.

    Raises:
        OutputLost: Standard output takes nothing.
    """
    try:
        sys.stdout.write(page)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(sys.stdout)
        raise OutputLost(error) from None
    return 0


def _columns() -> int:
    """Return the terminal's width as ``shutil`` would, which is slow to load."""
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
    except ValueError:
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or COLUMNS
    except (OSError, ValueError):
        return COLUMNS


def written() -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every command by the words of its name, with its help for ``COLUMNS`` cells."""
    from tui_numbers.cli.app import cli

    yield from _pages(cli, (), None)


def _pages(
    command: "click.Command", names: tuple[str, ...], above: "click.Context | None"
) -> "Iterator[tuple[tuple[str, ...], str]]":
    import click

    name = names[-1] if names else "tui-numbers"
    context = command.make_context(name, [], parent=above, resilient_parsing=True)
    yield names, f"{command.get_help(context)}\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _pages(found, (*names, name), context)


def main() -> None:
    """Write all pages, and remove those of commands that are gone."""
    from pathlib import Path

    os.environ["COLUMNS"] = str(COLUMNS)
    folder = Path(FOLDER)
    folder.mkdir(exist_ok=True)
    kept = set()
    for names, text in written():
        path = Path(path_of(names))
        path.write_text(text, encoding="utf-8")
        kept.add(path)
    for path in set(folder.glob("*.txt")) - kept:
        path.unlink()


if __name__ == "__main__":
    main()
