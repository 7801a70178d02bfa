"""Headers that forbid browsers to frame, sniff or leak what these programs send."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}

# The service sends data to programs; a browser that shows it may not run anything of it.
OF_THE_SERVICE = _ALWAYS | {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def of_the_portal(page: bytes, frame_ancestors: Sequence[str] = ()) -> Mapping[str, str]:
    """Return the headers for Streamlit's `page`, whose inline scripts are allowed by their hashes.
    `frame_ancestors`: origins that may frame it, besides its own.

    Everything is loaded from the portal itself. Streamlit needs three exceptions: styles that its
    components write into the page, scripts of components as blobs, and pictures as data.
    """
    scripts = "".join(f" 'sha256-{_hash(script)}'" for script in _INLINE_SCRIPT.findall(page))
    allowed = [
        "default-src 'self'",
        f"script-src 'self' blob:{scripts}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        " ".join(["frame-ancestors 'self'", *frame_ancestors]),
    ]
    headers = _ALWAYS | {"Content-Security-Policy": "; ".join(allowed)}
    if frame_ancestors:
        del headers["X-Frame-Options"]  # it cannot name them
    return headers


def _hash(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script).digest()).decode()


class SafeHeaders:
    """Middleware that adds `headers` to each reply that does not set them itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
