"""Parakeet on the wire: ids, cursors in the ``Link`` header, and limits that are announced."""

import math
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import auth, parakeet_numbers, parakeet_people
from tui_numbers.sandbox.accounts import PARAKEET_ACCOUNT_ID, PARAKEET_API_KEY
from tui_numbers.sandbox.resource import Missing, resource
from tui_numbers.sandbox.wire import Wire, json_answer

if TYPE_CHECKING:
    from tui_numbers.sandbox.limits import Usage

_ERRORS = {
    400: ("bad_request", "The request could not be understood."),
    401: ("unauthorized", "The account id or the API key is wrong."),
    403: ("forbidden", "This key may not do that."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not know that method."),
    406: ("not_acceptable", "Only JSON is spoken here."),
    422: ("unprocessable", "The request makes no sense as it stands."),
    429: ("rate_limited", "Too many requests."),
}
_JSON_TYPES = ("application/json", "application/*", "*/*", "text/json")


class ParakeetWire(Wire):
    """What Parakeet does with every request."""

    name = "parakeet"

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request has the account's key."""
        return auth.has_basic(request, PARAKEET_ACCOUNT_ID, PARAKEET_API_KEY)

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error with a machine's code and a sentence."""
        code, message = _ERRORS.get(status, ("internal_error", "Something went wrong here."))
        answer = json_answer({"error": code, "message": message}, status)
        if status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="api"'
        return answer

    def unacceptable(self, request: Request) -> Response | None:
        """Refuse to speak anything but JSON."""
        accepted = request.headers.get("accept", "*/*").split(",")
        types = {entry.partition(";")[0].strip().lower() for entry in accepted}
        if types.isdisjoint(_JSON_TYPES):
            return self.refuse(request, 406)
        return None

    def limit_headers(self, usage: "Usage", wall_clock: float) -> dict[str, str]:
        """Tell the client where it stands, and when to come back if it went too far."""
        headers = {
            "X-RateLimit-Limit": str(usage.limit),
            "X-RateLimit-Remaining": str(usage.remaining),
            "X-RateLimit-Reset": str(math.ceil(wall_clock + usage.resets_in)),
        }
        if usage.exceeded:
            headers["Retry-After"] = str(max(math.ceil(usage.resets_in), 1))
        return headers


def router() -> Router:
    """Return the routes below ``/parakeet/api/v1``."""
    wire = ParakeetWire()
    numbers, people = parakeet_numbers, parakeet_people
    return Router(
        [
            resource(wire, "/account", GET=("check", people.account)),
            resource(
                wire,
                "/numbers",
                GET=("list", numbers.list_numbers),
                POST=("buy", numbers.provision),
            ),
            resource(
                wire,
                "/numbers/{id}",
                GET=("get", numbers.get_number),
                POST=("update", numbers.update),
                DELETE=("release", numbers.delete),
            ),
            resource(wire, "/available_numbers", GET=("search", numbers.available)),
            resource(wire, "/users", GET=("users", people.list_users)),
            resource(wire, "/users/{id}", GET=("users", people.get_user)),
            resource(wire, "/teams", GET=("teams", people.no_teams)),
            resource(wire, "/addresses", GET=("addresses", people.list_addresses)),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )
