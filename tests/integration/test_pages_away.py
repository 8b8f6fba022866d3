"""The pages of a web process whose Redis is away."""

from pathlib import Path

import httpx

from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_web import Web


def test_while_redis_is_away_every_page_says_so(tmp_path: Path) -> None:
    """As a page, for what is opened and for what is sent; the browser may ask again soon."""
    web = Web(tmp_path, REDIS_URL="redis://127.0.0.1:1/0", ADMIN_PASSWORD="opens-all-the-pages")
    try:
        web.expect("/healthz", 200)
        with httpx.Client(base_url=web.url, trust_env=False, verify=NO_TLS, headers={"Origin": web.url}) as browser:
            browser.cookies.set("coleta-session", "of-a-session-that-nobody-can-look-up")
            answers = [
                browser.get("/stores"),
                browser.get("/stores/acme/orders/1"),
                browser.post("/stores/acme", data={"action": "pause", "csrf": "x", "reason": "x"}),
            ]
    finally:
        web.kill()

    assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(503, "2")] * 3
    assert all("The service does not reach what it needs." in answer.text for answer in answers)
