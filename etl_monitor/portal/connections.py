"""The limits of the portal's connections, applied to the server that Streamlit made."""

import logging
import signal

import uvicorn

from etl_monitor.asgi.connection_limits import limit_connections
from etl_monitor.i18n.translator import LANGUAGES, Translator

_log = logging.getLogger(__name__)


def limit() -> None:
    """Limit the connections of the server whose event loop runs this, before it listens."""
    server = _server()
    if server is None:
        _log.warning("connection_limits_unsupported")
        return
    # In every language: the reader's is not known.
    messages = [Translator(language)("error-too_many_connections") for language in LANGUAGES]
    limit_connections(server, rejection="\n\n".join(messages) + "\n", content_type="text/plain")


def _server() -> uvicorn.Server | None:
    """Return the running server. Streamlit does not hand it out, but it handles SIGTERM itself."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None
