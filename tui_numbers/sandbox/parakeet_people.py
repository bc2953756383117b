"""Parakeet's account, users and addresses. Teams have no address of their own."""

from typing import Any

from starlette.responses import Response

from tui_numbers.sandbox.accounts import PARAKEET_ACCOUNT_ID
from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.founding.times import OPENED
from tui_numbers.sandbox.parakeet_answers import API, date, page
from tui_numbers.sandbox.records import Address, User
from tui_numbers.sandbox.wire import json_answer


async def account(exchange: Exchange) -> Response:
    """Answer the credential check."""
    return json_answer(
        {
            "href": f"{API}/account",
            "id": PARAKEET_ACCOUNT_ID,
            "name": "Northline Support",
            "domain": "northline",
            "country": "US",
            "endpoint": "https://northline.example",
            "sip_endpoint": "sip:northline.example",
            "sip_domain": "northline.example",
            "sip_transport": "tls",
            "sip_port": 5061,
            "created_at": date(OPENED),
            "updated_at": date(OPENED),
        }
    )


def _user_object(user: User) -> dict[str, Any]:
    return {
        "href": f"{API}/users/{user.id}",
        "id": user.id,
        "role": user.role,
        "email": user.email,
        "profile": {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "role": user.title,
            "time_zone": "America/New_York",
            "image": None,
            "default_image": True,
        },
        "schedule": {"href": f"{API}/users/{user.id}/schedule"},
        "created_at": date(user.created),
        "updated_at": date(user.created),
    }


async def list_users(exchange: Exchange) -> Response:
    """List users by page; ``name`` searches."""
    users = exchange.world.parakeet.users
    query = exchange.request.query_params
    filters = {"name": query["name"]} if "name" in query else {}
    cursor = exchange.sandbox.cursors.find(query.get("cursor", ""))
    wanted = dict(cursor.parameters) if cursor is not None else filters
    text = wanted.get("name", "").casefold()
    keys = [key for key, user in users.items() if text in user.name.casefold()]
    result = page(exchange, keys, filters)
    if isinstance(result, Response):
        return result
    shown, links = result
    return json_answer([_user_object(users[key]) for key in shown], headers=links)


async def get_user(exchange: Exchange) -> Response:
    """Answer with one user."""
    user = exchange.world.parakeet.users.get(exchange.request.path_params["id"])
    return exchange.refuse(404) if user is None else json_answer(_user_object(user))


async def no_teams(exchange: Exchange) -> Response:
    """Teams exist, but nothing lists them."""
    return exchange.refuse(404)


def _address_object(address: Address) -> dict[str, Any]:
    return {
        "href": f"{API}/addresses/{address.id}",
        "id": address.id,
        "friendly_name": address.friendly,
        "name": address.name,
        "street": address.line1,
        "street2": address.line2,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "country_code": address.country,
        "created_at": date(address.created),
        "updated_at": date(address.created),
    }


async def list_addresses(exchange: Exchange) -> Response:
    """List the addresses, all on one page."""
    addresses = exchange.world.parakeet.addresses.values()
    return json_answer([_address_object(address) for address in addresses])
