"""Fone Dynamics on the wire: digits in paths, PascalCase bodies, errors with their own codes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import auth, fonedynamics_lists, fonedynamics_numbers
from tui_numbers.sandbox.accounts import FONEDYNAMICS_ACCOUNT_SID, FONEDYNAMICS_TOKEN
from tui_numbers.sandbox.fonedynamics_answers import failure
from tui_numbers.sandbox.resource import Missing, resource
from tui_numbers.sandbox.wire import Wire

_ERRORS = {
    400: ("PARAMETER_INVALID", "The request is not valid."),
    401: ("UNAUTHORIZED", "The credentials are missing or wrong."),
    403: ("FORBIDDEN", "This is not permitted."),
    404: ("RESOURCE_NOT_FOUND", "There is no such resource."),
    429: ("TOO_MANY_REQUESTS", "Please slow down."),
}


class FoneDynamicsWire(Wire):
    """What Fone Dynamics does with every request."""

    name = "fonedynamics"
    wrong_method = 404

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request has the account's token."""
        return auth.has_basic(request, FONEDYNAMICS_ACCOUNT_SID, FONEDYNAMICS_TOKEN)

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error with its code."""
        code, message = _ERRORS.get(status, ("INTERNAL_ERROR", "The service has failed."))
        return failure(code, message, status=status)


def router() -> Router:
    """Return the routes below ``/fonedynamics``."""
    wire = FoneDynamicsWire()
    numbers, lists = fonedynamics_numbers, fonedynamics_lists
    return Router(
        [
            resource(
                wire,
                "/v2/Numbers/{number}",
                GET=("get", numbers.get_number),
                POST=("update", numbers.configure),
            ),
            resource(
                wire,
                "/v2/Properties/{property}/Numbers",
                GET=("list", lists.numbers_of_property),
                POST=("buy", numbers.purchase),
            ),
            resource(
                wire, "/v2/Accounts/{account}/Numbers", GET=("list", lists.numbers_of_account)
            ),
            resource(wire, "/v2/Properties", GET=("projects", lists.projects)),
            resource(wire, "/v2/Properties/{property}", GET=("projects", lists.project)),
            resource(wire, "/v2/Properties/{property}/Flows", GET=("flows", lists.flows)),
            resource(wire, "/v2/Accounts/{account}/Addresses", GET=("addresses", lists.addresses)),
            resource(wire, "/v2/Addresses/{address}", GET=("addresses", lists.address)),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )
