"""Emulate Vonage's APIs: routes, balance and applications."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import http, vonage_numbers
from tui_numbers.sandbox.accounts import (
    VONAGE_API_KEY,
    VONAGE_API_SECRET,
    VONAGE_SUBACCOUNT_KEY,
    VONAGE_SUBACCOUNT_SECRET,
)
from tui_numbers.sandbox.exchange import Exchange, Missing, resource
from tui_numbers.sandbox.http import Wire, json_answer, whole_number
from tui_numbers.sandbox.records import Application
from tui_numbers.sandbox.vonage_numbers import ACTION_FAILED, form, legacy, problem_details

_PAGE_SIZE = 10
_LARGEST_PAGE = 100
_HOOKS = {
    "voice": ("answer_url", "event_url"),
    "messages": ("inbound_url", "status_url"),
    "rtc": ("event_url",),
    "verify": ("status_url",),
}
_TITLES = {
    400: ("Bad request.", "The request could not be read."),
    401: ("Unauthorized", "Bad credentials."),
    403: ("Forbidden", "This account may not do that."),
    404: ("Not Found", "There is nothing at this address."),
    405: ("Method Not Allowed", "This address does not know that method."),
    429: ("Rate Limit Hit", "Too many requests in a short time."),
}
_LABELS = {401: "authentication failed", 420: "method failed", 405: "method not allowed"}


async def balance(exchange: Exchange) -> Response:
    """Answer with the balance in euros."""
    return json_answer({"value": float(exchange.world.vonage.balance), "autoReload": False})


def _application_object(application: Application) -> dict[str, Any]:
    place = application.name.lower().replace(" ", "-")
    capabilities: dict[str, Any] = {}
    for capability in application.capabilities:
        hooks = {
            hook: {
                "address": f"https://{place}.northline.example/{hook.removesuffix('_url')}",
                "http_method": "POST",
            }
            for hook in _HOOKS.get(capability, ())
        }
        capabilities[capability] = {"webhooks": hooks} if hooks else {}
    return {
        "id": application.id,
        "name": application.name,
        "capabilities": capabilities,
        "keys": {"public_key": "-----BEGIN PUBLIC KEY-----\nsandbox\n-----END PUBLIC KEY-----\n"},
        "privacy": {"improve_ai": False},
        "_links": {"self": {"href": f"/v2/applications/{application.id}"}},
    }


async def applications(exchange: Exchange) -> Response:
    """List the applications by page, with links to the pages around."""
    query = exchange.request.query_params
    values: dict[str, int] = {}
    wrong: list[dict[str, str]] = []
    for name, default, largest in (("page_size", _PAGE_SIZE, _LARGEST_PAGE), ("page", 1, 10**9)):
        try:
            values[name] = whole_number(query.get(name), default)
        except ValueError:
            values[name] = 0
        if not 1 <= values[name] <= largest:
            wrong.append({"name": name, "reason": f"Must be from 1 to {largest}."})
    if wrong:
        return problem_details(400, "Bad request.", "A parameter is out of range.", wrong)
    size, page = values["page_size"], values["page"]
    rows = list(exchange.world.vonage.applications.values())
    pages = -(-len(rows) // size)
    links = {"self": page, "first": 1, "last": max(pages, 1)}
    links |= {"next": page + 1} if page < pages else {}
    links |= {"prev": page - 1} if page > 1 else {}
    shown = [_application_object(row) for row in rows[(page - 1) * size : page * size]]
    body: dict[str, Any] = {
        "page_size": size,
        "page": page,
        "total_items": len(rows),
        "total_pages": pages,
        "_links": {
            name: {"href": f"/v2/applications?page_size={size}&page={number}"}
            for name, number in links.items()
        },
    }
    if shown:
        body["_embedded"] = {"applications": shown}
    return json_answer(body)


async def application(exchange: Exchange) -> Response:
    """Answer with one application."""
    item = exchange.world.vonage.applications.get(exchange.request.path_params["id"])
    return exchange.refuse(404) if item is None else json_answer(_application_object(item))


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
        if any(http.has_basic(request, *pair) or http.has_fields(query, *pair) for pair in pairs):
            return True
        fields = await form(request)
        if isinstance(fields, Response):
            return False
        return any(http.has_fields(fields, *pair) for pair in pairs)

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
        return http.has_basic(request, VONAGE_API_KEY, VONAGE_API_SECRET)

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
    wire, applications_wire = VonageWire(), VonageApplicationsWire()
    numbers = vonage_numbers
    return Router(
        [
            resource(wire, "/account/numbers", GET=(_list_or_get, numbers.owned)),
            resource(wire, "/account/get-balance", GET=("check", balance)),
            resource(wire, "/number/search", GET=("search", numbers.search)),
            resource(wire, "/number/buy", POST=("buy", numbers.buy)),
            resource(wire, "/number/cancel", POST=("release", numbers.cancel)),
            resource(wire, "/number/update", POST=("update", numbers.update)),
            resource(applications_wire, "/v2/applications", GET=("applications", applications)),
            resource(
                applications_wire,
                "/v2/applications/{id}",
                GET=("applications", application),
            ),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )
