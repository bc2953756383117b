import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from acme import PLUGIN
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.testing import AppBench, ProviderTests


class AcmeBench(AppBench):
    plugin = PLUGIN
    fields = {"account_id": "A1"}
    secret = "correct-horse"

    def app(self):
        self.records = {
            f"+120255501{i:02}": {
                "number": f"+120255501{i:02}",
                "country": "US",
                "forward_to": None,
            }
            for i in range(50)
        }

        async def account(request):
            return JSONResponse({"name": "Acme of Testing"})

        async def numbers(request):
            start = 20 * (int(request.query_params["page"]) - 1)
            rows = list(self.records.values())
            return JSONResponse({"numbers": rows[start : start + 20], "total": len(rows)})

        async def number(request):
            key = "+" + request.path_params["number"]
            if key not in self.records:
                return JSONResponse({"message": "no such number"}, 404)
            if request.method == "DELETE":
                del self.records[key]
                return Response(status_code=204)
            if request.method == "PUT":
                self.records[key].update(await request.json())
            return JSONResponse(self.records[key])

        return Starlette(
            routes=[
                Route("/account", account),
                Route("/numbers", numbers),
                Route("/numbers/{number}", number, methods=["GET", "PUT", "DELETE"]),
            ]
        )

    def owned(self):
        return list(self.records)

    def values(self):
        return {"voice": "phone:+12025550199"}

    def moves(self, setting):
        return {"forward_to"}

    def stored(self, number):
        return dict(self.records[number])

    def wanted(self):
        return AvailableNumber("contract", "acme", E164("+12025550190"), "US", None, ())


class TestAcme(ProviderTests):
    plugin = PLUGIN

    @pytest.fixture
    async def bench(self):
        bench = AcmeBench()
        yield bench
        await bench.aclose()
