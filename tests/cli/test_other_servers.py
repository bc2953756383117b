"""Servers that somebody else wrote from the same documents, and that answer in their own way."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.command_line import run, write_config

SID = "AC" + "1" * 32
SERVICES = ["MG" + digit * 32 for digit in "12"]
PAGE = 2
"""Records of a page, however many are asked for."""


class Server:
    """A loopback server of one answering function, and what it was asked."""

    def __init__(self, answer: Callable[[str, dict, str], object]) -> None:
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _reply(self) -> None:
                parts = urlsplit(self.path)
                outer.asked.append(f"{self.command} {self.path}")
                length = int(self.headers.get("Content-Length") or 0)
                sent = self.rfile.read(length).decode()
                body = answer(parts.path, parse_qs(parts.query), sent)
                status = 404 if body is None else 200
                text = json.dumps(body or {"status": 404, "code": "20404"}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = _reply  # noqa: N815

            def log_message(self, *_words: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def serving(monkeypatch):
    servers = []

    def start(answer, table):
        servers.append(Server(answer))
        write_config(f'[accounts.x]\n{table}\nbase_url = "{servers[0].origin}/mock"\n')
        monkeypatch.setenv("TUI_NUMBERS_SECRET_X", "anything")
        return servers[0]

    yield start
    for server in servers:
        server.close()


def _sid(at: int) -> str:
    return "PN" + f"{at:032x}"


def _twilio(path: str, query: dict, _sent: str) -> object:
    """Answer as Twilio's documents allow: links of every kind, and hardly a field."""
    account = f"/mock/api/2010-04-01/Accounts/{SID}"
    at = int(query.get("Page", ["0"])[0])
    if path == f"{account}/IncomingPhoneNumbers.json":
        rows = [
            {"sid": _sid(one), "phone_number": f"+1415555010{one}", "type": None, "novel": [1]}
            for one in range(4)
        ]
        rows[0] |= {"voice_url": "", "trunk_sid": "", "voice_application_sid": None, "sms_url": ""}
        rows[1] |= {"voice_url": "https://hooks.example/v", "capabilities": None}
        shown = rows[at * PAGE : at * PAGE + PAGE]
        # The last page is an empty one.
        link = f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json?Page={at + 1}&PageToken=PA"
        return {"incoming_phone_numbers": shown, "next_page_uri": link if shown else None}
    if path == f"{account}/Balance.json":
        return {"account_sid": SID, "balance": None, "currency": None}
    if path == "/mock/messaging/v1/Services":
        following = "https://messaging.twilio.com/v1/Services?PageSize=1&Page=1&PageToken=PA"
        row = {"sid": SERVICES[at], "friendly_name": f"S{at}", "inbound_request_url": "https://x/"}
        return {"services": [row], "meta": {"next_page_url": None if at else following}}
    if path.startswith("/mock/messaging/v1/Services/"):
        rows = [{"sid": _sid(2), "phone_number": "+14155550102"}] if SERVICES[1] in path else []
        return {"meta": {"key": "phone_numbers"}, "phone_numbers": rows}
    if path == f"{account}/AvailablePhoneNumbers/US.json":
        return {"country_code": "US", "country": "United States"}
    if path == f"{account}/AvailablePhoneNumbers/US/TollFree.json":
        row = {"phone_number": "+18005550199", "latitude": 37.5, "lata": None, "capabilities": None}
        return {"available_phone_numbers": [row]}
    if path == "/mock/pricing/v1/PhoneNumbers/Countries/US":
        rows = [{"number_type": "toll free", "base_price": 2, "current_price": 2.15}]
        return {"price_unit": "usd", "phone_number_prices": rows}
    return None


TWILIO = f'provider = "twilio"\naccount_sid = "{SID}"'


def test_a_twilio_of_somebody_else_is_listed_to_its_end(serving):
    serving(_twilio, TWILIO)
    ran = run("list", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert [one["number"] for one in ran.json] == [f"+1415555010{at}" for at in range(4)]
    settings = [one["settings"] for one in ran.json]
    assert settings[0]["voice"] is None
    assert settings[1]["voice"] == "webhook:https://hooks.example/v"
    # The second page of services stands at the provider's own host, which base_url stands for.
    assert settings[2]["messaging_service"] == f"service:{SERVICES[1]}"
    assert settings[3]["messaging_service"] is None


def test_a_twilio_subaccount_whose_balance_is_null_is_sound(serving):
    server = serving(_twilio, TWILIO)
    ran = run("accounts", "check", "--format", "json")
    assert (ran.code, ran.json[0]["state"]) == (0, "ok")
    assert any("IncomingPhoneNumbers.json" in one for one in server.asked)


def test_a_country_of_twilio_that_names_no_types_is_asked_for_each(serving):
    serving(_twilio, TWILIO)
    ran = run("search", "--country", "US", "--format", "json")
    (found,) = ran.json
    assert (found["number"], found["type"]) == ("+18005550199", "toll_free")
    assert found["monthly_cost"] == {"amount": "2.15", "currency": "USD"}


def _telnyx(path: str, query: dict, _sent: str) -> object:
    """Answer as Telnyx's documents allow: short pages, other orders, many nulls."""
    at = int(query.get("page[number]", ["1"])[0]) - 1
    if path == "/mock/phone_numbers":
        rows = [{"id": str(one), "phone_number": f"+1415555010{one}"} for one in range(5)]
        rows[0] |= {"tags": None, "status": "port-pending", "connection_id": None, "novel": {}}
        rows[1] |= {"connection_id": "7", "connection_name": None, "customer_reference": ""}
    elif path == "/mock/phone_numbers/voice":
        rows = [{"id": str(one), "phone_number": None} for one in reversed(range(5))]
        rows[0] |= {"call_forwarding": {"forwards_to": "+14155550199", "forwarding_type": "always"}}
        rows[1] |= {"call_forwarding": {"forwards_to": None, "forwarding_type": None}}
        rows[2] |= {"call_forwarding": None}
    elif path == "/mock/available_phone_numbers":
        told = [{"region_type": "country_code", "region_name": "us"}]
        row = {"phone_number": "+14155550111", "features": None, "region_information": told}
        return {"data": [row | {"cost_information": {"monthly_cost": 1.5, "currency": "EUR"}}]}
    else:
        return None
    meta = {"page_size": PAGE, "page_number": at + 1, "total_pages": 3, "total_results": len(rows)}
    return {"meta": meta, "data": rows[at * PAGE : at * PAGE + PAGE], "novel": None}


def test_a_telnyx_of_somebody_else_is_listed_to_its_end(serving):
    serving(_telnyx, 'provider = "telnyx"')
    ran = run("list", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    rows = {one["number"]: one for one in ran.json}
    assert sorted(rows) == [f"+1415555010{at}" for at in range(5)]
    assert rows["+14155550100"]["status"] == "porting"
    assert rows["+14155550101"]["routing"]["voice"]["value"] == "7"
    assert rows["+14155550104"]["settings"]["forward"] == "+14155550199"
    assert rows["+14155550102"]["routing"] == {"voice": None, "sms": None}


def test_stock_of_a_telnyx_of_somebody_else_is_told_as_far_as_it_tells(serving):
    serving(_telnyx, 'provider = "telnyx"')
    (found,) = run("search", "--country", "US", "--format", "json").json
    assert (found["country"], found["capabilities"]) == ("US", [])
    assert found["monthly_cost"] == {"amount": "1.5", "currency": "EUR"}
    assert found["setup_cost"] is None


def _telnyx_without_voice(path: str, query: dict, sent: str) -> object:
    return None if path.endswith("/voice") else _telnyx(path, query, sent)


def test_where_calls_go_is_not_known_where_the_second_listing_fails(serving):
    serving(_telnyx_without_voice, 'provider = "telnyx"')
    ran = run("list", "--format", "json")
    assert ran.code == 4
    assert "where calls are forwarded is not known" in ran.err
    assert ran.json[0]["routing"]["voice"]["kind"] == "not known"
