"""config/nginx.conf: what it lets through is what the service has for callers from outside, and no token is logged."""

import re

from tests.fixtures.running_parts import ROOT
from worker.entrypoints.web.body import MOST_BYTES

TEXT = (ROOT / "config" / "nginx.conf").read_text()
DIRECTIVES = {line.strip() for line in TEXT.splitlines()}
DOORS, PAGES = (re.compile(found) for found in re.findall(r"location ~ (\S+) \{", TEXT))
OWN = {"/metrics", "/healthz", "/readyz"}


def _paths() -> set[str]:
    """Return a path of each route of `coleta web`, as its modules name them."""
    texts = [path.read_text() for path in (ROOT / "worker" / "entrypoints" / "web").rglob("*.py")]
    named = [path for text in texts for path in re.findall(r'@routes\.(?:get|post)\(\s*"([^"]+)"', text)]
    return {re.sub(r"\{\w+(?::path)?\}", "acme", path) for path in named}


def test_doors_and_pages_are_passed_on_and_nothing_else() -> None:
    """Every route is a door, a page, or for this machine alone."""
    paths = _paths()
    doors = {path for path in paths if re.match(r"/(v1|vtex|pick-and-pack)/", path)}

    assert {path for path in paths if DOORS.match(path)} == doors
    assert {path for path in paths if PAGES.match(path)} == paths - doors - OWN
    assert paths > OWN
    assert not any(PAGES.match(path) or DOORS.match(path) for path in ("/openapi.json", "/storesx", "/v1"))


def test_a_body_may_be_as_large_as_a_door_takes() -> None:
    """And is kept in memory."""
    assert MOST_BYTES == 1 << 20
    assert {"client_max_body_size 1m;", "client_body_buffer_size 1m;"} <= DIRECTIVES


def test_the_service_is_told_for_whom_and_over_what_it_is_asked() -> None:
    """As the caller cannot say it: the limit of guesses and the cookies go by it."""
    said = {"Host $http_host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme"}
    assert {f"proxy_set_header {each};" for each in said} <= DIRECTIVES


def test_no_token_of_a_query_is_logged() -> None:
    """Neither by the format of the log, nor by an error at a door, whose line would hold the whole request."""
    (form,) = re.findall(r"^log_format coleta '(.*)';$", TEXT, re.MULTILINE)
    (door,) = re.findall(r"location ~ \^/\(\?:v1.*?\}", TEXT, re.DOTALL)

    assert set(re.findall(r"\$(\w+)", form)).isdisjoint({"request", "request_uri", "args", "query_string"})
    assert re.findall(r"access_log .*", TEXT) == ["access_log /var/log/nginx/coleta.log coleta;"]
    assert "error_log /dev/null emerg;" in door
