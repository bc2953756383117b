"""The console script ``tui-numbers``, also ``python -m tui_numbers``."""

import os
import sys

_DASHBOARD = {"--demo", "--read-only"}
"""What may stand on a command line that opens the dashboard, and needs no reading."""


def main() -> None:
    """Run the program; ends the process with the documented exit code."""
    _no_core_file()
    arguments = sys.argv[1:]
    if _DASHBOARD.issuperset(arguments) and not _completing():
        from tui_numbers.cli.dashboard import start

        start(arguments)
    else:
        from tui_numbers.cli.app import cli

        cli()


def _completing() -> bool:
    return "_TUI_NUMBERS_COMPLETE" in os.environ


def _no_core_file() -> None:
    """Let no crash write the memory, and the secrets in it, to a disk."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    except (ImportError, OSError, ValueError):
        return


if __name__ == "__main__":
    main()
