"""Who asks for an operation, and what it is called."""

import getpass
import os
import secrets
import socket

from tui_numbers.domain import clock
from tui_numbers.domain.operations import Actor
from tui_numbers.domain.text import clean


def new_identifier() -> str:
    """Return an opaque identifier that sorts by time."""
    return f"{int(clock.timestamp() * 1000):012x}{secrets.token_hex(4)}"


def current_actor() -> Actor:
    """Return who runs the program, and from where."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    client = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return Actor(clean(user), clean(socket.gethostname()), clean(client) or None)
