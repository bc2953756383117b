"""List what the dashboard uses of Textual that Textual does not document, and reach it from here.

Names that only a subclass can use stay where the subclass is; they are listed all the same. One
test asks the installed Textual for each of them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import FOCUSIN, FOCUSOUT, XTermParser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.app import App
    from textual.driver import Driver
    from textual.message_pump import MessagePump
    from textual.widget import Widget

__all__ = [
    "ANSI_SEQUENCES_KEYS",
    "FOCUSIN",
    "FOCUSOUT",
    "USES",
    "SequenceParser",
    "Use",
    "close_without_report",
    "driver_of",
    "fatal_error_of",
    "is_batching",
    "parent_of",
    "repaint_with_frame",
]


class SequenceParser(XTermParser):
    """Textual's parser of input, which is given whole sequences, and so never waits."""

    def keys_of(self, sequence: str, *, alt: bool) -> "Iterable[events.Key]":
        """Return the keys that a character or a sequence stands for."""
        return self._sequence_to_key_events(sequence, alt=alt)


def driver_of(app: "App[Any]") -> "Driver | None":
    """Return the driver in use; None before it starts."""
    return app._driver  # noqa: SLF001


def is_batching(app: "App[Any]") -> bool:
    """Tell whether changes are collected, so that what was displayed may not be all."""
    return bool(app._batch_count)  # noqa: SLF001


def fatal_error_of(app: "App[Any]") -> Exception | None:
    """Return what ended the app, without the wrapper that a failed worker puts around it."""
    error = app._exception  # noqa: SLF001
    return getattr(error, "error", error)


def close_without_report(app: "App[Any]") -> None:
    """End the app's messages as Textual does after an error, and print nothing."""
    app._close_messages_no_wait()  # noqa: SLF001


def parent_of(node: "MessagePump") -> "MessagePump | None":
    """Return the node that messages bubble to next."""
    return node._parent  # noqa: SLF001


def repaint_with_frame(widget: "Widget") -> None:
    """Let a frame that another widget has under way take this widget's regions along."""
    widget.screen._dirty_widgets.add(widget)  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class Use:
    """One undocumented name, and what it is needed for."""

    owner: str
    """A module, or a class as ``module:Class``."""
    name: str
    why: str
    parameters: tuple[str, ...] | None = None
    """The parameters of a method that is called or overridden."""


_DRIVER = "textual.drivers.linux_driver:LinuxDriver"
_APP = "textual.app:App"
_INPUT = "textual.widgets:Input"

USES = (
    Use("textual._ansi_sequences", "ANSI_SEQUENCES_KEYS", "which sequences are keys"),
    Use("textual._xterm_parser", "FOCUSIN", "the report that the terminal has the focus"),
    Use("textual._xterm_parser", "FOCUSOUT", "the report that it lost the focus"),
    Use(
        "textual._xterm_parser:XTermParser",
        "_sequence_to_key_events",
        "keys of a sequence that is known to be whole",
        ("sequence", "alt"),
    ),
    Use(_APP, "_driver", "copying and suspending are the driver's"),
    Use(_APP, "_batch_count", "the first frame is displayed once no batch is open"),
    Use(_APP, "_exception", "the error that ended the app is raised after the terminal is back"),
    Use(_APP, "_fatal_error", "its report prints variables, and one may be a secret", ()),
    Use(
        _APP, "_handle_exception", "what fails while the app is left ends nothing else", ("error",)
    ),
    Use(_APP, "_exit", "an app that is left goes on with its messages for a moment"),
    Use(_APP, "_close_messages_no_wait", "what that report did beside printing", ()),
    Use(_APP, "post_display_hook", "what the first frame did not wait for begins behind it", ()),
    Use("textual.message_pump:MessagePump", "_parent", "a key's turn ends with its last message"),
    Use("textual.screen:Screen", "_dirty_widgets", "a table is drawn with the frame under way"),
    Use(
        "textual.widget:Widget",
        "notify_style_update",
        "a table caches the styles of its parts until they change",
        (),
    ),
    Use("textual.widgets:Button", "active_effect_duration", "every press counts, without a pause"),
    Use(_INPUT, "_on_paste", "what is pasted is cleaned before the field takes it", ("event",)),
    Use(_INPUT, "_on_key", "joiners and no-break spaces can be typed", ("event",)),
    Use(_INPUT, "_value", "a field shows marks for what cannot be printed"),
    Use(_INPUT, "_position_to_cell", "its cursor stands by those marks", ("position",)),
    Use(_INPUT, "_cell_offset_to_index", "so does a click", ("offset",)),
    Use("textual.constants", "ESCAPE_DELAY", "how long Escape may begin a sequence"),
    Use(_DRIVER, "_app", "the app is told that the line is lost, and of steady sizes"),
    Use(_DRIVER, "_loop", "signals and threads reach the app on its loop"),
    Use(_DRIVER, "_file", "writes go around the buffer of standard error"),
    Use(_DRIVER, "_writer_thread", "what waits to be written is counted"),
    Use(_DRIVER, "_mouse", "GNU screen gets no mouse; its reports are dropped without one"),
    Use(_DRIVER, "_mouse_pixels", "this mode is switched off at the end as well"),
    Use(_DRIVER, "_size", "the terminal's own size, not that of the environment"),
    Use(_DRIVER, "_get_terminal_size", "the same, whenever Textual asks", ()),
    Use(_DRIVER, "_in_band_window_resize", "sizes among the input count where they were asked for"),
    Use(_DRIVER, "_auto_restart", "stopping and going on are Textual's, where it says so"),
    Use(_DRIVER, "_must_signal_resume", "the app learns that it goes on"),
    Use(_DRIVER, "_sigtstp_application", "a stop waits for the frame under way", ("_",)),
    Use(_DRIVER, "_sigcont_application", "a stop may come without warning", ("_",)),
    Use(_DRIVER, "attrs_before", "the attributes found before the first frame are restored"),
    Use(_DRIVER, "fileno", "input is read from this descriptor"),
    Use(_DRIVER, "exit_event", "the input thread waits without ticks"),
    Use(_DRIVER, "run_input_thread", "input is read until told to stop or the line is lost", ()),
)
"""Everything undocumented that is used, and why."""
