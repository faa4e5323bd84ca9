"""The page itself: its files under /static, and index.html for every other address.

The page reads its own address, so `/trace/{id}?span=…` is the same file as `/`. An
address that is neither gets the page too, which says so, with the status 404.
"""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent.parent / "page"
# Ask each time whether a file is still the same: a newer viewer shows its newer page.
REVALIDATE = {"cache-control": "no-cache"}


class PageFiles(StaticFiles):
    """Static files that a browser may keep, but asks about."""

    def file_response(self, *args: object, **options: object) -> Response:
        """Return one file."""
        response: Response = super().file_response(*args, **options)  # type: ignore[arg-type]
        response.headers.update(REVALIDATE)
        return response


def index(request: Request) -> Response:
    """Return the page."""
    known = request.url.path == "/" or request.url.path.startswith("/trace/")
    status = 200 if known else 404
    return FileResponse(FOLDER / "index.html", status, headers=REVALIDATE)


def no_such_api(request: Request) -> Response:
    """Refuse an unknown address of the API, which must not get the page."""
    raise HTTPException(404)


ROUTES = [
    Route("/api", no_such_api),
    Route("/api/{rest:path}", no_such_api),
    Mount("/static", PageFiles(directory=FOLDER, check_dir=False)),
    Route("/{rest:path}", index),
]
