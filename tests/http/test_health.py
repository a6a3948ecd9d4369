"""Operators learn how the store is doing; crawlers and browsers get the small files they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from graph.store.embedded import EmbeddedStore


def test_health_tells_the_version_the_workers_and_what_holds_them(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    """JSON that is never cached."""
    assert store.query("ASK {}").version == store.manifest().version
    response = client.get("/health")
    health = response.json
    assert response.status_code == 200
    assert health["version"] == store.manifest().version
    assert health["status"] in {"ok", "degraded"}
    assert 1 <= health["workers"] <= 2 + 4  # those of the slow lane are kept for the next long query
    assert health["network"] in {"denied", "open"}
    assert response.headers["Cache-Control"] == "no-store"


def test_crawlers_are_kept_from_what_computes(client: FlaskClient) -> None:
    """robots.txt leaves pages and data open."""
    robots = client.get("/robots.txt").text
    assert "Disallow: /sparql" in robots
    assert "Disallow: /\n" not in robots


def test_the_icon_is_a_small_svg(client: FlaskClient) -> None:
    """Under either name, without a script."""
    for path in ("/favicon.ico", "/favicon.svg"):
        icon = client.get(path)
        assert icon.content_type.startswith("image/svg+xml")
        assert b"<script" not in icon.data
        assert len(icon.data) < 2000
