"""The pages' own files: read once, and kept by browsers for as long as their content is the same."""

from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from worker.entrypoints.web.page_routes import page_routes

_FOLDER = Path(__file__).parent / "static"
# An address holds the digest of what is there: who has it need not ask again. While a new version is rolled out, the
# digest may be that of another process: what this one has is then not kept under it.
_KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    kind: str
    digest: str
    address: str


def _read(path: Path) -> _File:
    content = path.read_bytes()
    digest = sha256(content).hexdigest()[:12]
    kind = guess_type(path.name)[0] or "application/octet-stream"
    return _File(content, kind, digest, f"/static/{path.name}?v={digest}")


_FILES = {path.name: _read(path) for path in sorted(_FOLDER.iterdir())}


def address_of(name: str) -> str:
    """Return where a file is; raises `KeyError`: there is none of this name."""
    return _FILES[name].address


def static_files() -> APIRouter:
    """Return the route of the files."""
    routes = page_routes()

    @routes.get("/static/{name}")
    async def static(name: str, v: str = "") -> Response:
        file = _FILES.get(name)
        if file is None:
            raise HTTPException(404)
        kept = {"Cache-Control": _KEPT} if v == file.digest else None
        return Response(file.content, media_type=file.kind, headers=kept)

    return routes
