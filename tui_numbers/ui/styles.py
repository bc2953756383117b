"""Where the style sheets are: packed beside the code, or next to the package in a checkout."""

from collections.abc import Iterator
from pathlib import Path

_ORDER = ("base", "frame", "table", "views", "detail", "dialogs", "accounts", "responsive")


def style_paths() -> Iterator[Path]:
    """Yield the style sheets in the order in which they apply."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "styles"
    folder = packed if packed.is_dir() else package.parent / "styles"
    for name in _ORDER:
        yield folder / f"{name}.tcss"
