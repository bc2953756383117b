"""Import what the first frame does without and the first keys need."""


def load_rest() -> None:
    """Load it; blocks, so call it in a thread."""
    import tui_numbers.ui.flows
    import tui_numbers.ui.help
    import tui_numbers.ui.palette
    import tui_numbers.ui.views.available
    import tui_numbers.ui.views.history  # noqa: F401
