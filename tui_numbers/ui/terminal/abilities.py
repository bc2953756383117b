"""What the terminal can be relied upon for, from its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_WELL_KNOWN: Final = (
    "xterm", "tmux", "screen", "rxvt", "kitty", "alacritty", "foot", "vte", "gnome", "konsole",
    "wezterm", "ghostty", "iterm", "mintty", "contour", "st-", "st256", "putty", "ms-terminal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Abilities:
    """What may be sent beyond the sequences that every terminal knows."""

    erases_colour: bool = True
    """Erased cells take the background colour of the pen."""
    scrolls: bool = True
    """Knows SU and SD; where not, lines are deleted and inserted."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Abilities":
        """Read the terminal's name; a doubt counts as a no."""
        name = environ.get("TERM", "").lower()
        known = name.startswith(_WELL_KNOWN)
        # GNU screen erases to the default background unless told otherwise, and over SSH its name
        # is all that tells it from tmux.
        bare_screen = "STY" in environ or (name.startswith("screen") and "TMUX" not in environ)
        return cls(erases_colour=(known or name == "linux") and not bare_screen, scrolls=known)
