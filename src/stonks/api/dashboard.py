"""The dashboard's files: hashed assets kept for ever, the page itself asked for again every time."""

import mimetypes
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

from stonks.model.principal import Scope

STATIC = Path(__file__).parent / "static"
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = {"cache-control": "no-cache"}
_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Stonks Oracle: dashboard not built</title></head>
<body><h1>The dashboard is not built</h1>
<p>Everything else runs. Build it with <code>make dashboard</code>, then load this page again.
The API answers at <a href="/api/v1/ui-config">/api/v1</a>; its description is
<a href="/api/v1/openapi.json">openapi.json</a>.</p></body></html>
"""


@get(["/", "/{path:path}"], include_in_schema=False, opt={"scope": Scope.READ})
async def get_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer with a file of the build, or with the page for any other address that a browser opens."""
    name = request.url.path.lstrip("/")
    file = _file(request.app.state.static, name)
    if file is not None:
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Response(
            file.read_bytes(), media_type=media_type, headers=_FOR_EVER if "assets/" in name else _ASK_AGAIN
        )
    if name.startswith(("api/", "assets/")) or "text/html" not in request.headers.get("accept", ""):
        raise NotFoundException(f"there is nothing at /{name}")
    page = _file(request.app.state.static, "index.html")
    body = page.read_bytes() if page else _NOT_BUILT.encode()
    return Response(body, media_type="text/html; charset=utf-8", headers=_ASK_AGAIN)


def _file(static: Path, name: str) -> Path | None:
    file = (static / name).resolve()
    return file if file.is_relative_to(static.resolve()) and file.is_file() else None
