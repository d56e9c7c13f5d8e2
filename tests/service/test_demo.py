"""The demonstration holds the sample and lets in whoever has its link, and nobody else."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from service.app import create_app
from service.backend import open_backend
from service.demo import SAMPLES, load_samples
from service.entrance import Entrance
from service.settings import Settings


def test_the_link_leads_to_the_sample(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with open_backend(settings) as backend:
        user_id, document_id = load_samples(backend, sorted(SAMPLES.glob("*.pdf")))
    app = create_app(settings, entrance=Entrance("secret", user_id))
    with TestClient(app, base_url="http://testserver") as client:
        refused = client.get("/enter", params={"key": "other", "next": f"/documents/{document_id}"})
        assert (refused.status_code, "set-cookie" in refused.headers) == (404, False)
        page = client.get("/enter", params={"key": "secret", "next": f"/documents/{document_id}"})
        assert page.status_code == 200
        assert "sample.pdf" in page.text
        assert "排队" in page.text
        outside = client.get("/enter", params={"key": "secret", "next": "//evil.example"}, follow_redirects=False)
        assert outside.headers["location"] == "/"


def test_no_other_service_has_such_a_link(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(data_dir=tmp_path)), base_url="http://testserver") as client:
        assert client.get("/enter", params={"key": ""}).status_code == 404
