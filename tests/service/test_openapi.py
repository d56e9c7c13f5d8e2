"""The description of the interface is complete, and what it describes never breaks the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from models.report import Report
from tests.service.web_site import Browser, Web, fill, open_web

_ENDLESS = "/api/v1/events"
# Forms with files have tests of their own: what is made up here for them cannot be sent.
_FORM = "/api/v1/uploads"


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Browser]]:
    folder: Path = tmp_path_factory.mktemp("openapi")
    with open_web(folder, rate_requests="", rate_uploads="") as web:
        yield web, web.session(web.user("administrator"))


def operations(web: Web) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in web.client.app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_is_described_in_chinese(described: tuple[Web, Browser]) -> None:
    for name, operation in operations(described[0]):
        assert operation.get("summary"), name
        assert not operation["summary"].isascii(), name
        assert operation["tags"], name
        assert {"401", "403", "429"} & set(operation["responses"]), name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (name, parameter)


def test_what_is_sent_in_has_examples(described: tuple[Web, Browser]) -> None:
    schemas = described[0].client.app.openapi()["components"]["schemas"]
    sent = [name for name in schemas if name.endswith("In")]
    assert sent
    for name in sent:
        properties = schemas[name]["properties"].values()
        assert any("examples" in one or "description" in one for one in properties), name


def test_nothing_that_the_description_allows_breaks_the_service(described: tuple[Web, Browser], report: Report) -> None:
    web, browser = described
    fill(web, report)
    schema = schemathesis.openapi.from_dict(web.client.app.openapi())
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    seen = 0

    for result in schema.exclude(path=_ENDLESS).exclude(path=_FORM, method="POST").get_all_operations():
        operation = result.ok()

        # What is sent differs from operation to operation, not from run to run.
        @settings(
            max_examples=8,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @schemathesis_given(operation)
        def ask(case: schemathesis.Case) -> None:
            nonlocal seen
            seen += 1
            headers = {"cookie": f"caishen={browser.token}", "x-csrf-token": browser.person.csrf}
            headers["sec-fetch-site"] = "same-origin"
            asked = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
            asked.pop("cookies", None)
            if not isinstance(asked.get("data"), dict | None):
                asked["content"] = asked.pop("data")
            answer = web.client.request(**asked, follow_redirects=False)
            case.validate_response(answer, checks=checks)

        ask()
    assert seen > 100


def schemathesis_given(operation: Any) -> Any:
    """Cases of one operation for a test function."""
    from hypothesis import given

    return given(case=operation.as_strategy())
