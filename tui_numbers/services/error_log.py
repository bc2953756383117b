"""The private log of exceptions that nobody foresaw."""

import os
import traceback

from tui_numbers import __version__
from tui_numbers.domain import clock
from tui_numbers.domain.secret import Secret
from tui_numbers.domain.text import clean
from tui_numbers.providers.masking import MASK, secret_forms
from tui_numbers.services.paths import NoHome, Paths
from tui_numbers.storage.private import open_private_log


def log_error(error: BaseException, hidden: Secret | None = None) -> str:
    """Append an exception to the private log; return where it is, in words for its user.

    ``hidden`` is a secret that the exception's text may repeat.
    """
    path = None
    try:
        path = Paths.of_user().log
        handle = open_private_log(path)
        with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{clock.now().isoformat()} tui-numbers {__version__}\n")
            log.write(_text_of(error, hidden))
    except NoHome:
        return "there is no home directory to keep the details in"
    except OSError as problem:
        return f"and {path} cannot be written ({problem.strerror})"
    return f"the details are in {path}"


def _text_of(error: BaseException, hidden: Secret | None) -> str:
    """Return the whole trace as text that a terminal shows as text and nothing else."""
    text = "".join(traceback.format_exception(error))
    for form in secret_forms(hidden, None) if hidden is not None else ():
        text = text.replace(form.decode(), MASK.decode())
    return "\n".join(map(clean, text.split("\n")))
