"""The console script ``tui-numbers``, also ``python -m tui_numbers``."""

import os
import sys

from tui_numbers.cli.process import no_core_file, refuse_tracing

_HELP = ("-h", "--help")
_DASHBOARD = {"--demo", "--read-only"}
"""What may stand on a command line that opens the dashboard, and needs no reading."""


def main() -> None:
    """Run the program; ends the process with the documented exit code."""
    no_core_file()
    arguments = sys.argv[1:]
    if "_TUI_NUMBERS_COMPLETE" not in os.environ:
        if _DASHBOARD.issuperset(arguments):
            from tui_numbers.cli.dashboard import start

            start(arguments)
        if arguments[-1] in _HELP:
            _show_page(arguments)
    from tui_numbers.cli.app import cli

    refuse_tracing()
    cli()


def _show_page(arguments: list[str]) -> None:
    """Show help that is written down, and end; return where there is none."""
    from tui_numbers.cli.help_pages import page_for, show

    page = page_for(arguments)
    if page is not None:
        from tui_numbers.cli.errors import guarded

        sys.exit(guarded(lambda: show(page)))


if __name__ == "__main__":
    main()
