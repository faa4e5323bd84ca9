"""The page itself: its files under /static, and index.html for every other address.

The page reads its own address, so `/trace/{id}?span=…` is the same file as `/`. Any
other address gets the page, too, with the status 404; the page then says so.
"""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent.parent / "page"
# The browser checks each time whether a file has changed: a newer viewer shows its
# newer page.
REVALIDATE = {"cache-control": "no-cache"}


class PageFiles(StaticFiles):
    """Static files that a browser may cache, but must revalidate."""

    def file_response(self, *args: object, **options: object) -> Response:
        """Return one file."""
        response: Response = super().file_response(*args, **options)  # type: ignore[arg-type]
        response.headers.update(REVALIDATE)
        return response


def index(request: Request) -> Response:
    """Return the page."""
    path = request.url.path
    status = 200 if path == "/" or path.startswith("/trace/") else 404
    return FileResponse(FOLDER / "index.html", status, headers=REVALIDATE)


def no_such_api(request: Request) -> Response:
    """Answer 404 for an unknown address of the API: a program must not get the page."""
    raise HTTPException(404)


ROUTES = [
    Route("/api", no_such_api),
    Route("/api/{rest:path}", no_such_api),
    Mount("/static", PageFiles(directory=FOLDER, check_dir=False)),
    Route("/{rest:path}", index),
]
