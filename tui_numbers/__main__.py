"""The console script ``tui-numbers``, also ``python -m tui_numbers``."""

import os
import sys

from tui_numbers.cli.process import no_core_file, refuse_tracing

_DASHBOARD = {"--demo", "--read-only"}
"""What may stand on a command line that opens the dashboard, and needs no reading."""


def main() -> None:
    """Run the program; ends the process with the documented exit code."""
    no_core_file()
    arguments = sys.argv[1:]
    if "_TUI_NUMBERS_COMPLETE" not in os.environ and _DASHBOARD.issuperset(arguments):
        from tui_numbers.cli.dashboard import start

        start(arguments)
    from tui_numbers.cli.app import cli

    refuse_tracing()
    cli()


if __name__ == "__main__":
    main()
