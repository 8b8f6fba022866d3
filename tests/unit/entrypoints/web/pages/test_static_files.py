"""The pages' own files, as browsers keep them."""

import asyncio

import httpx
from fastapi import FastAPI

from worker.entrypoints.web.pages.static_files import address_of, static_files


def test_a_file_is_kept_only_under_the_address_that_is_its_own() -> None:
    """While a new version is rolled out, its page may get the old file: kept for a year, that would spoil its look."""
    assert "immutable" in _kept(address_of("coleta.css"))
    for other in ("/static/coleta.css", "/static/coleta.css?v=000000000000"):
        assert not _kept(other)


def _kept(address: str) -> str:
    app = FastAPI()
    app.include_router(static_files())

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://coleta") as client:
            return await client.get(address)

    answer = asyncio.run(asked())
    assert answer.status_code == 200
    return str(answer.headers.get("Cache-Control", ""))
