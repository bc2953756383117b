"""JSON as it really comes: within bounds, and with a mark where a character is none."""

import json
from typing import Any

import msgspec

from tui_numbers.providers import limits

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
"""What ``parsed`` raises where a body is no JSON, or too much of it."""

# Numbers keep their digits: a price or a balance never passes through a float.
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=str)


class Crowded(ValueError):
    """JSON whose values would take more memory than its bytes let expect."""


def parsed(body: bytes) -> Any:
    """Return the JSON value of a body; a character that is none becomes U+FFFD in its text.

    One name in another encoding, with half a surrogate pair or with a bare control character
    would otherwise cost the whole page.

    Raises:
        Crowded: It holds more values than any answer needs.
        ValueError: It is not JSON; ``NOT_JSON`` names the others.
    """
    if limits.crowded(body):
        raise Crowded
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        lenient = json.JSONDecoder(parse_float=str, parse_constant=_no_number, strict=False)
        text = json.dumps(lenient.decode(body.decode("utf-8-sig", "replace")), ensure_ascii=False)
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return _decoder.decode(whole)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
