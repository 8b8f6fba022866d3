import pytest

from config.settings import load_settings
from worker.entrypoints.listening import own_name, own_url


@pytest.mark.parametrize(
    ("host", "url", "name"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001", "127.0.0.1"),
        ("0.0.0.0", "http://127.0.0.1:8001", "127.0.0.1"),  # noqa: S104 - nothing is opened
        ("::", "http://[::1]:8001", "[::1]"),
        ("shop.example", "http://shop.example:8001", "shop.example"),
    ],
)
def test_what_listens_everywhere_is_asked_on_the_loopback(host: str, url: str, name: str) -> None:
    """What listens somewhere is asked there."""
    settings = load_settings({"COLETA_WEB_HOST": host, "COLETA_WEB_PORT": "8001"})

    assert (own_url(settings), own_name(settings)) == (url, name)
