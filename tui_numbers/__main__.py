"""The console script ``tui-numbers``, also ``python -m tui_numbers``."""


def main() -> None:
    """Run the command line; ends the process with the documented exit code."""
    from tui_numbers.cli.app import cli

    _no_core_file()
    cli()


def _no_core_file() -> None:
    """Let no crash write the memory, and the secrets in it, to a disk."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    except (ImportError, OSError, ValueError):
        return


if __name__ == "__main__":
    main()
