"""Vonage's balance and applications."""

from typing import Any

from starlette.responses import Response

from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.records import Application
from tui_numbers.sandbox.vonage_answers import problem_details
from tui_numbers.sandbox.wire import json_answer, whole_number

_PAGE_SIZE = 10
_LARGEST_PAGE = 100
_HOOKS = {
    "voice": ("answer_url", "event_url"),
    "messages": ("inbound_url", "status_url"),
    "rtc": ("event_url",),
    "verify": ("status_url",),
}


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
