"""What the page of `hdr-studio` may ask for, and what it is answered."""

import json
import os
import secrets
from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from hdr_lightning.errors import InputError
from hdr_lightning.imaging.kinds import IMAGE_SUFFIXES
from hdr_lightning.pages.page import WEB
from hdr_lightning.studio.guard import Guard
from hdr_lightning.studio.requests import REQUESTS, command
from hdr_lightning.studio.sessions import Session, SessionJob, Sessions
from hdr_lightning.studio.uploads import place_of, receive

COOKIE = "hdr_studio"
_WAIT, _STEP = 20.0, 0.04
"""Seconds that a question for news waits for some, and between two looks."""
_SHEET_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "sandbox allow-scripts"
)
_PICTURES = {".jpg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif"}
Answer = Callable[[Request, Session], Awaitable[Response]]


class Studio:
    """The page and what is behind it.

    Args:
        folders: Folders of this machine that the page offers.

    Attributes:
        token: What the address of the page holds.
        closing: Whether nobody is to wait for news any more.
        ticket: Leads to the page once: the address that a browser is started with can be seen by others.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self.token, self.ticket = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.closing = False
        self.folders, self.sessions = [str(folder) for folder in folders], Sessions()
        self._files = {path.name: path for path in (*WEB.glob("*.*"), *(WEB / "studio").glob("*.*"))}

    def app(self) -> Starlette:
        """The application, which deletes every picture when it ends."""
        inside = [
            Route("/", self._page),
            Route("/web/{name}", self._web),
            Route("/files/{name:path}", self._known(self._receive), methods=["PUT"]),
            Route("/jobs", self._known(self._begin), methods=["POST"]),
            Route("/jobs/{number:int}", self._known(self._news)),
            Route("/jobs/{number:int}", self._known(self._stop), methods=["DELETE"]),
            Route("/jobs/{number:int}/file", self._known(self._file)),
            Route("/jobs/{number:int}/sheet", self._known(self._sheet)),
            Route("/jobs/{number:int}/{name}", self._known(self._picture)),
            Route("/command", self._known(self._command), methods=["POST"]),
            Route("/clear", self._known(self._clear), methods=["POST"]),
        ]

        @asynccontextmanager
        async def living(app: Starlette) -> AsyncIterator[None]:
            yield
            self.sessions.end()

        return Starlette(
            routes=[Route("/open/{ticket}", self._open), Mount(f"/{self.token}", routes=inside)],
            middleware=[Middleware(Guard, token=self.token)],
            lifespan=living,
        )

    def _known(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """An answer to a browser that has a session; what goes wrong becomes one line."""

        async def answering(request: Request) -> Response:
            session = self.sessions.get(request.cookies.get(COOKIE, ""))
            if session is None:
                return _refusal("Expected a page that this hdr-studio has opened: load it again", 403)
            try:
                return await answer(request, session)
            except InputError as error:
                return _refusal(_plain(str(error), session))

        return answering

    async def _open(self, request: Request) -> Response:
        given, self.ticket = request.path_params["ticket"], self.ticket
        if not self.ticket or not secrets.compare_digest(given.encode(), self.ticket.encode()):
            return _refusal("Expected the address that hdr-studio printed. Got one that was used", 403)
        self.ticket = ""
        return RedirectResponse(f"/{self.token}/", 303)

    async def _page(self, request: Request) -> Response:
        key = request.cookies.get(COOKIE, "")
        session = self.sessions.get(key)
        if session is None:
            try:
                key, session = self.sessions.new()
            except InputError as error:
                return _refusal(str(error))
        data = {"folders": self.folders, "suffixes": sorted(IMAGE_SUFFIXES)}
        text = (WEB / "studio" / "studio.html").read_text(encoding="utf-8")
        # in HTML only "<" could end the element that holds the data
        response = HTMLResponse(text.replace("%%DATA%%", json.dumps(data).replace("<", "\\u003c")))
        response.set_cookie(COOKIE, key, path=f"/{self.token}/", httponly=True, samesite="strict")
        return response

    async def _web(self, request: Request) -> Response:
        path = self._files.get(request.path_params["name"])
        return FileResponse(path) if path else _refusal("Expected a part of the page. Got another", 404)

    async def _receive(self, request: Request, session: Session) -> Response:
        place = place_of(request.path_params["name"], session.uploads)
        size = request.headers.get("content-length", "0")
        with suppress(ClientDisconnect):
            await receive(place, session.uploads, request.stream(), int(size) if size.isdecimal() else 0)
        return JSONResponse({})

    async def _begin(self, request: Request, session: Session) -> Response:
        asked = await _asked(request)
        task = REQUESTS.get(str(asked.get("do")))
        if task is None:
            raise InputError(f"do: Expected one of {', '.join(REQUESTS)}. Got {asked.get('do')!r}")
        return JSONResponse({"job": task(session, asked).number})

    async def _news(self, request: Request, session: Session) -> Response:
        job, seen = _job(request, session), request.query_params.get("seen", "")
        waited = 0.0
        while str(job.version) == seen and not (job.ended or self.closing) and waited < _WAIT:
            await sleep(_STEP)
            waited += _STEP
        return JSONResponse(_plain(_state_of(job), session))

    async def _stop(self, request: Request, session: Session) -> Response:
        job = _job(request, session)
        if not job.ended:
            session.stop()
        return JSONResponse({})

    async def _picture(self, request: Request, session: Session) -> Response:
        job, name = _job(request, session), request.path_params["name"]
        path = job.folder / name
        kind = _PICTURES.get(path.suffix)
        if kind is None or Path(name).name != name or not path.is_file():
            return _refusal("Expected a picture of the page. Got another, or one that is gone", 404)
        return FileResponse(path, media_type=kind)

    async def _file(self, request: Request, session: Session) -> Response:
        path = Path(_job(request, session).result.get("file") or "")
        if not path.is_file():
            return _refusal("Expected a result. Got a job without one", 404)
        inline = "show" in request.query_params and path.suffix in _PICTURES
        kind = _PICTURES[path.suffix] if inline else "application/octet-stream"
        return FileResponse(
            path,
            media_type=kind,
            filename=path.name,
            content_disposition_type="inline" if inline else "attachment",
        )

    async def _sheet(self, request: Request, session: Session) -> Response:
        path = Path(_job(request, session).result.get("sheet") or "")
        if not path.is_file():
            return _refusal("Expected a contact sheet. Got a job without one", 404)
        policy = {"Content-Security-Policy": _SHEET_POLICY}
        return FileResponse(path, media_type="text/html; charset=utf-8", headers=policy)

    async def _command(self, request: Request, session: Session) -> Response:
        return JSONResponse({"command": _plain(command(session, await _asked(request)), session)})

    async def _clear(self, request: Request, session: Session) -> Response:
        session.clear()
        return JSONResponse({})


async def _asked(request: Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise InputError("Expected a question of the page. Got something else")
    return asked


def _job(request: Request, session: Session) -> SessionJob:
    job = session.jobs.get(request.path_params["number"])
    if job is None:
        raise InputError("Expected a job of this page. Got another")
    return job


def _state_of(job: SessionJob) -> dict[str, Any]:
    names = ("number", "task", "state", "version", "progress", "lines", "error")
    return {name: getattr(job, name) for name in names} | {
        "result": job.result if job.state == "done" else {}
    }


def _plain(value: Any, session: Session) -> Any:
    """The same with names in place of paths inside the session's folder."""
    if isinstance(value, str):
        return value.replace(f"{session.uploads}{os.sep}", "").replace(f"{session.folder}{os.sep}", "")
    if isinstance(value, dict):
        return {key: _plain(part, session) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, session) for part in value]
    return value


def _refusal(line: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": line}, status)
