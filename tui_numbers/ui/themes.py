"""Define the themes (dark, light, 16 colours), and find the style sheets."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath

from textual.theme import BUILTIN_THEMES, Theme


def _style_paths(*names: str) -> list[str | PurePath]:
    package = Path(__file__).resolve().parent.parent
    packed = package / "styles"
    folder = packed if packed.is_dir() else package.parent / "styles"
    return [folder / f"{name}.tcss" for name in names]


FIRST_STYLES = _style_paths("base", "frame", "table", "views", "detail")
"""The style sheets of what the first frame shows, in the order in which they apply."""

OTHER_STYLES = _style_paths("controls", "forms", "search", "dialogs", "accounts", "responsive")
"""Those that apply behind them, to dialogs and other views; the first frame reads none of them."""


DARK = Theme(
    name="numbers-dark",
    primary="#5f87af",
    secondary="#5f8787",
    accent="#87afd7",
    foreground="#c6c6c6",
    background="#1c1c1c",
    surface="#262626",
    panel="#303030",
    success="#87af87",
    warning="#d7af5f",
    error="#d75f5f",
    dark=True,
    variables={
        "block-cursor-background": "#3a4a5a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#303030",
        "block-cursor-blurred-foreground": "#e4e4e4",
        "label": "#949494",
        "field-background": "#54749a",
        "field-foreground": "#ffffff",
        "field-bar": "#ffffff",
    },
)


LIGHT = Theme(
    name="numbers-light",
    primary="#005f87",
    secondary="#00695f",
    accent="#005faf",
    foreground="#262626",
    background="#fafafa",
    surface="#eeeeee",
    panel="#e4e4e4",
    success="#1d6b2f",
    warning="#8a5a00",
    error="#af0000",
    dark=False,
    variables={
        "block-cursor-background": "#c6dcee",
        "block-cursor-foreground": "#000000",
        "block-cursor-blurred-background": "#dddddd",
        "label": "#5f5f5f",
        "field-background": "#005f87",
        "field-foreground": "#ffffff",
        "field-bar": "#000000",
        "block-cursor-blurred-foreground": "#000000",
    },
)


_ANSI = BUILTIN_THEMES["ansi-dark"]


SIXTEEN = replace(
    _ANSI,
    name="numbers-16",
    variables={
        **_ANSI.variables,
        "block-cursor-background": "ansi_blue",
        "block-cursor-foreground": "ansi_bright_white",
        "block-cursor-blurred-background": "ansi_bright_black",
        "label": "ansi_cyan",
        "field-background": "ansi_blue",
        "field-foreground": "ansi_bright_white",
        "field-bar": "ansi_bright_white",
        "block-cursor-blurred-foreground": "ansi_bright_white",
    },
)


THEMES = (DARK, LIGHT, SIXTEEN)


def starting_theme(environment: Mapping[str, str], chosen: str | None = None) -> str:
    """Return the theme that was chosen, or else fits the terminal, as its environment tells.

    Where no colours are asked for, none are chosen either.
    """
    if environment.get("NO_COLOR"):
        return SIXTEEN.name
    if chosen is not None:
        return chosen
    term = environment.get("TERM", "")
    many = (
        environment.get("COLORTERM") in ("truecolor", "24bit") or "256" in term or "direct" in term
    )
    return DARK.name if many else SIXTEEN.name
