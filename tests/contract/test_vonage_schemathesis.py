"""The sandbox under every request that Vonage's document allows."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.contract.document import document
from tui_numbers.sandbox.accounts import VONAGE_API_KEY, VONAGE_API_SECRET
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.server import background

REPEATABLE = settings(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_the_sandbox_bears_whatever_the_document_allows():
    raw = document()
    schemathesis = pytest.importorskip("schemathesis")
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
    )

    judged = [
        schemathesis.checks.not_a_server_error,
        content_type_conformance,
        response_schema_conformance,
    ]
    tried = set()
    with background(Sandbox(build_world())) as origin:
        for result in schemathesis.openapi.from_dict(raw).get_all_operations():
            operation = result.ok()

            @REPEATABLE
            @given(case=operation.as_strategy())
            def bears(case):
                response = case.call(
                    base_url=origin + "/vonage", auth=(VONAGE_API_KEY, VONAGE_API_SECRET)
                )
                case.validate_response(response, checks=judged)
                tried.add((case.method.lower(), case.path, response.status_code))

            bears()
    described = {(method, path) for path, item in raw["paths"].items() for method in item}
    assert {(method, path) for method, path, _ in tried} == described
    assert not any(status >= 500 for *_, status in tried)
