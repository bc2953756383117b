import json
from pathlib import Path

import pytest

from acme import PLUGIN
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber
from tui_numbers.testing import ProviderTests, RecordedBench

RECORDINGS = json.loads(Path(__file__).with_name("recordings.json").read_text("utf-8"))


class RecordedAcme(RecordedBench):
    plugin = PLUGIN
    fields = {"account_id": "A1"}
    secret = "correct-horse"
    recordings = RECORDINGS

    @property
    def listing(self):
        return self.answers["GET /numbers?page=1"]

    def write(self, method, path, body):
        record = self.answers.get(f"GET {path}")
        if record is None:
            return 404, {"message": "no such number"}
        rows = self.listing["numbers"]
        at = [row["number"] for row in rows].index(record["number"])
        if method == "DELETE":
            del rows[at], self.answers[f"GET {path}"]
            self.listing["total"] -= 1
            return 204, None
        record.update(body)
        rows[at] = dict(record)
        return 200, record

    def owned(self):
        return [row["number"] for row in self.listing["numbers"]]

    def values(self):
        return {"voice": "phone:+12025550199"}

    def moves(self, setting):
        return {"forward_to"}

    def stored(self, number):
        return dict(self.answers[f"GET /numbers/{number[1:]}"])

    def wanted(self):
        return AvailableNumber("contract", "acme", E164("+12025550190"), "US", None, ())


class TestRecordedAcme(ProviderTests):
    plugin = PLUGIN

    @pytest.fixture
    async def bench(self):
        bench = RecordedAcme()
        yield bench
        await bench.aclose()
