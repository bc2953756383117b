"""How a secret may look when an answer repeats it."""

import base64
import json
from urllib.parse import quote, quote_plus

from tui_numbers.domain.secret import Secret

_SHORTEST = 4
"""A shorter secret would mask what merely looks like it."""


def secret_forms(secret: Secret, user: str | None) -> tuple[bytes, ...]:
    """Return the byte strings that would give the secret away: plain, in a URL, in JSON, Basic.

    ``user`` is the name that HTTP Basic joins it with, or None where it travels in the query.
    """
    plain = secret.reveal()
    if len(plain.encode()) < _SHORTEST:
        return ()
    forms = {plain, quote(plain, safe=""), quote_plus(plain), json.dumps(plain)[1:-1]}
    if user is not None:
        forms.add(base64.b64encode(f"{user}:{plain}".encode()).decode())
    # The longest first: a form may be part of another one.
    return tuple(form.encode() for form in sorted(forms, key=len, reverse=True))
