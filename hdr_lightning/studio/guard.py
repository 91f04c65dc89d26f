"""Who may come in: requests to this machine by its own name, with the token in their path."""

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = frozenset({"127.0.0.1", "localhost"})
"""Names of this machine; any other comes from a page that has itself resolved to it (DNS rebinding)."""
LARGEST_QUESTION = 64 * 1024
"""Bytes of a request that is no file."""
_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Refuses what does not belong to the page, and adds the headers that keep it to itself.

    Args:
        app: What is behind.
        token: First part of every path but those of `open`.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        if host not in HOSTS:
            return PlainTextResponse("Expected this machine as host. Got another name\n", 400)
        first, _, rest = scope["path"].removeprefix("/").partition("/")
        if first == "open" and scope["method"] == "GET":
            return None
        if not secrets.compare_digest(first.encode(), self._token):
            return PlainTextResponse("Expected the address that hdr-studio printed. Got another\n", 403)
        size = headers.get("content-length", "0")
        if not rest.startswith("files/") and not (size.isdecimal() and int(size) <= LARGEST_QUESTION):
            return PlainTextResponse("Expected a short request. Got a long one\n", 413)
        return None
