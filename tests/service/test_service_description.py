"""The OpenAPI description, and generated calls that conform to it."""

from __future__ import annotations

from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from readership.service.calls.endpoints import ENDPOINTS
from tests.support.serving import SECRET, Service

CHECKS = [
    not_a_server_error, content_type_conformance, response_schema_conformance,
    status_code_conformance,
]  # fmt: skip


def openapi(service: Service) -> dict[str, Any]:
    host = service.root.removesuffix("/v2")
    return requests.get(f"{host}/openapi.json", timeout=30).json()


def test_every_call_and_every_parameter_is_described(service: Service) -> None:
    paths = openapi(service)["paths"]
    assert {f"/v2/{endpoint.path}" for endpoint in ENDPOINTS} <= {
        path.replace("{value:path}", "{value}") for path in paths
    }
    missing = [
        f"{path} {parameter['name']}"
        for path, methods in paths.items()
        for parameter in methods["get"].get("parameters", [])
        if not parameter.get("description")
    ]
    assert missing == []
    assert all(methods["get"]["summary"] for methods in paths.values())


def test_the_documentation_page_needs_no_other_server(service: Service) -> None:
    host = service.root.removesuffix("/v2")
    page = requests.get(f"{host}/docs", timeout=30)
    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    assert requests.get(f"{host}/static-offline-docs/swagger-ui-bundle.js", timeout=30).ok


def test_generated_calls_never_break_the_service(service: Service, is_long: bool) -> None:
    schema = schemathesis.openapi.from_dict(openapi(service))
    schema.config.update(base_url=service.root.removesuffix("/v2"))

    def check(case: schemathesis.Case) -> None:
        # Half of the calls get valid keys, so that they reach the snapshot.
        if len(str(case.query)) % 2:
            case.query = {**(case.query or {}), "apikey": service.site, "secret": SECRET}
        answer = case.call_and_validate(checks=CHECKS)
        assert "Traceback" not in answer.text

    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert len(operations) > len(ENDPOINTS)
    for operation in operations:
        generated = given(case=operation.as_strategy())(check)
        settings(
            max_examples=100 if is_long else 10, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )(generated)()  # fmt: skip
