"""How a secret may look when an answer repeats it."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

from tui_numbers.domain.secret import Secret

MASK = b"****"
"""What stands in place of a secret."""

_SHORTEST = 4
"""A shorter secret would mask what merely looks like it."""

_HEX = re.compile("%[0-9A-F]{2}")


def secret_forms(secret: Secret, user: str | None) -> tuple[bytes, ...]:
    """Return the byte strings that would give the secret away: plain, in a URL, in JSON, Basic.

    ``user`` is the name that HTTP Basic joins it with, or None where it travels in the query.
    """
    plain = secret.reveal()
    if len(plain.encode()) < _SHORTEST:
        return ()
    in_url = {quote(plain, safe=""), quote_plus(plain)}
    forms = {plain, json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1]}
    # Some encoders escape the slash too, some escape for HTML, and hexadecimal has two cases.
    forms |= in_url | {form.replace("/", "\\/") for form in forms} | {html.escape(plain)}
    forms |= {_HEX.sub(lambda found: found[0].lower(), form) for form in in_url}
    if user is not None:
        forms.add(base64.b64encode(f"{user}:{plain}".encode()).decode())
    # The longest first: a form may be part of another one.
    return tuple(form.encode() for form in sorted(forms, key=len, reverse=True))
