"""Vonage on the wire: forms in, JSON out, and statuses of its own."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import auth, vonage_account, vonage_numbers, vonage_update
from tui_numbers.sandbox.accounts import (
    VONAGE_API_KEY,
    VONAGE_API_SECRET,
    VONAGE_SUBACCOUNT_KEY,
    VONAGE_SUBACCOUNT_SECRET,
)
from tui_numbers.sandbox.resource import Missing, resource
from tui_numbers.sandbox.vonage_answers import ACTION_FAILED, form, legacy, problem_details
from tui_numbers.sandbox.wire import Wire

_TITLES = {
    400: ("Bad request.", "The request could not be read."),
    401: ("Unauthorized", "Bad credentials."),
    403: ("Forbidden", "This account may not do that."),
    404: ("Not Found", "There is nothing at this address."),
    405: ("Method Not Allowed", "This address does not know that method."),
    429: ("Rate Limit Hit", "Too many requests in a short time."),
}
_LABELS = {401: "authentication failed", 420: "method failed", 405: "method not allowed"}


class VonageWire(Wire):
    """What the numbers and account calls do with every request."""

    name = "vonage"

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request has a key and its secret, in its header, query or form.

        Older official packages send them among the fields of a form.
        """
        pairs = (
            (VONAGE_API_KEY, VONAGE_API_SECRET),
            (VONAGE_SUBACCOUNT_KEY, VONAGE_SUBACCOUNT_SECRET),
        )
        query = request.query_params
        if any(auth.has_basic(request, *pair) or auth.has_fields(query, *pair) for pair in pairs):
            return True
        fields = await form(request)
        if isinstance(fields, Response):
            return False
        return any(auth.has_fields(fields, *pair) for pair in pairs)

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error in the older of the two shapes, or bare where there is none."""
        if status == 429:
            return Response(b"", 429)
        if status in (403, 404):
            title, detail = _TITLES[status]
            return problem_details(status, title, detail)
        return legacy(status, _LABELS.get(status, "internal error"))

    def refuse_inside_200(self, request: Request) -> Response:
        """Return a failed action with the status of a success."""
        answer = legacy(ACTION_FAILED, "method failed")
        answer.status_code = 200
        return answer


class VonageApplicationsWire(VonageWire):
    """What the application calls do with every request."""

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request has the key and secret in its header."""
        return auth.has_basic(request, VONAGE_API_KEY, VONAGE_API_SECRET)

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error as problem details."""
        title, detail = _TITLES.get(status, ("Internal Error", "Something went wrong here."))
        return problem_details(status, title, detail)

    def refuse_inside_200(self, request: Request) -> Response:
        """Return problem details with the status of a success."""
        answer = problem_details(403, *_TITLES[403])
        answer.status_code = 200
        return answer


def _list_or_get(request: Request) -> str:
    """Name the route: there is no call for one number, a list with a pattern does its work."""
    return "get" if request.query_params.get("pattern") else "list"


def router() -> Router:
    """Return the routes below ``/vonage``."""
    wire, applications = VonageWire(), VonageApplicationsWire()
    numbers, account = vonage_numbers, vonage_account
    return Router(
        [
            resource(wire, "/account/numbers", GET=(_list_or_get, numbers.owned)),
            resource(wire, "/account/get-balance", GET=("check", account.balance)),
            resource(wire, "/number/search", GET=("search", numbers.search)),
            resource(wire, "/number/buy", POST=("buy", numbers.buy)),
            resource(wire, "/number/cancel", POST=("release", numbers.cancel)),
            resource(wire, "/number/update", POST=("update", vonage_update.update)),
            resource(applications, "/v2/applications", GET=("applications", account.applications)),
            resource(
                applications,
                "/v2/applications/{id}",
                GET=("applications", account.application),
            ),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )
