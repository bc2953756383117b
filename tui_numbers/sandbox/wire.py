"""Answers as bytes, and what differs from one provider's wire to the next."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from tui_numbers.sandbox.limits import Usage

_encoder = msgspec.json.Encoder()


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return ``value`` as a JSON answer."""
    return Response(_encoder.encode(value), status, headers, media_type="application/json")


def read_json(body: bytes) -> Any:
    """Read a JSON body.

    Raises:
        ValueError: When it is not JSON.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("the body is not JSON") from error


def whole_number(text: str | None, default: int) -> int:
    """Read a query value that must be a whole number.

    Raises:
        ValueError: When it is something else.
    """
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


class Wire(ABC):
    """What one provider does with every request."""

    name: str
    wrong_method: int = 405
    """The status of a known path asked with a method it does not have."""

    @abstractmethod
    async def authenticated(self, request: Request) -> bool:
        """Say whether the credentials of the request are right."""

    @abstractmethod
    def refuse(self, request: Request, status: int) -> Response:
        """Return the provider's answer for an error ``status``."""

    def refuse_inside_200(self, request: Request) -> Response:
        """Return an error that claims to be a success."""
        answer = self.refuse(request, 422)
        answer.status_code = 200
        return answer

    def unacceptable(self, request: Request) -> Response | None:
        """Return an answer to a request that is refused before anything else is looked at."""
        return None

    def limit_headers(self, usage: "Usage", wall_clock: float) -> dict[str, str]:
        """Return the headers in which the provider announces its limit, if it does."""
        return {}
