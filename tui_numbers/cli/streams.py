"""Prepare and write the standard streams, whatever is closed, lost or in another encoding."""

from __future__ import annotations

import os
import sys

from tui_numbers.domain.text import HANDLER, clean

# Loading typing takes as long as starting Python does, and the first frame waits for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class OutputLost(Exception):
    """Standard output takes nothing any more; the text says why."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output cannot be written: {error.strerror or error}")


def prepare() -> None:
    """Open what the caller has closed, and let every character be written in some way."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the next file or connection would be taken for the stream.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=HANDLER)


def say(text: str) -> None:
    """Write a line to standard error, as far as anybody listens."""
    control(f"{clean(text)}\n")


def control(sequence: str) -> None:
    """Write to standard error what is no text, as far as anybody listens."""
    try:
        sys.stderr.write(sequence)
        sys.stderr.flush()
    except (OSError, ValueError):
        silence(sys.stderr)


def silence(stream: Any) -> None:
    """Send what is yet to come nowhere, since its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
        # What was held back would fail once more, at the very end.
        stream.flush()
    except (OSError, ValueError):
        pass
    os.close(nowhere)


def failure_of(stream: Any) -> OSError | None:
    """Return why a stream takes nothing, or None where it does; it is silent from then on."""
    try:
        stream.flush()
    except OSError as error:
        silence(stream)
        return error
    except ValueError:
        return None
    return None


def is_unicode(stream: Any) -> bool:
    """Whether the stream's encoding has every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")
