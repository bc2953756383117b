"""The console script ``tui-numbers``, also ``python -m tui_numbers``."""


def main() -> None:
    """Run the command line; ends the process with the documented exit code."""
    from tui_numbers.cli.app import cli

    cli()


if __name__ == "__main__":
    main()
