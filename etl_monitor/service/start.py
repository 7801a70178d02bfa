"""Start the ETL service by its options, and run it until it stops."""

import argparse
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from pydantic import SecretStr

from etl_monitor import settings as from_environment
from etl_monitor import tracing
from etl_monitor.errors import EtlMonitorError
from etl_monitor.service.bootstrap import open_service
from etl_monitor.service.errors import Unavailable
from etl_monitor.service.logs import set_up_logging
from etl_monitor.service.server import READY, Server, listen, stop_with_parent
from etl_monitor.settings import Settings

CANNOT_START = 2

_log = logging.getLogger("etl_monitor.service")


def run(arguments: Sequence[str]) -> int:
    """Return the exit code: 2 if the start cannot succeed without a change, 1 if a retry may."""
    options = _parser().parse_args(arguments)
    set_up_logging()
    # The server stops gracefully and then raises the signal again, which would end this process
    # before the rest of its cleanup.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(options)
    except KeyboardInterrupt:
        return 0
    except EtlMonitorError as error:
        _report(error, to_parent=options.stop_with_parent)
        return 1 if isinstance(error, Unavailable) else CANNOT_START


def _run(options: argparse.Namespace) -> int:
    tracing.start("etl-service")
    settings, made_token = _settings(options)
    opened = open_service(settings, accept_database=options.accept_database)
    with _listen(options) as listener, opened as (app, service):
        server = Server(app, service.tail, on_ready=lambda: _announce(listener, made_token))
        if options.stop_with_parent:
            stop_with_parent(server, settings.stop_grace)
        server.run(sockets=[listener])
    return 0


def _listen(options: argparse.Namespace) -> socket.socket:
    if options.listener is None:
        return listen(options.host, options.port)
    listener = socket.socket(fileno=options.listener)
    listener.set_inheritable(False)  # for the processes that this one starts
    return listener


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Print one line, as for every other startup error."""
        self.exit(CANNOT_START, f"{message}. See --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m etl_monitor.service",
        description="The ETL service: REST and feed.",
        epilog="Other commands: token, backup, restore, adopt, migrate-to, copy-files; each has a "
        "--help",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port (%(default)s); 0: any free port"
    )
    parser.add_argument(
        "--listener",
        type=int,
        metavar="NUMBER",
        help="descriptor of a listening socket, instead of host and port; for programs that start "
        "this one",
    )
    parser.add_argument(
        "--data-dir", type=Path, help="folder of database and files (ETL_MONITOR_DATA_DIR)"
    )
    parser.add_argument(
        "--samples",
        action=argparse.BooleanOptionalAction,
        help="with or without sample data; default: only in a new, empty data directory",
    )
    parser.add_argument(
        "--accept-database",
        action="store_true",
        help="start with a database that does not belong to the files beside it",
    )
    parser.add_argument(
        "--stop-with-parent",
        action="store_true",
        help="stop when standard input closes; for programs that start this one",
    )
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is not a port (a number from 0 to 65535)")
    return int(text)


def _settings(options: argparse.Namespace) -> tuple[Settings, str | None]:
    """Return the settings, and the token that was made if none was configured."""
    settings = from_environment.load()
    # Jobs run in processes that inherit the environment, and must not see the token.
    os.environ.pop("ETL_MONITOR_API_TOKEN", None)
    arguments = {"data_dir": options.data_dir, "samples": options.samples}
    given = {name: value for name, value in arguments.items() if value is not None}
    made_token = None
    if settings.api_token is None:
        made_token = secrets.token_urlsafe(32)
        given["api_token"] = SecretStr(made_token)
    settings = settings.model_copy(update=given)
    return settings.model_copy(update={"data_dir": settings.data_dir.absolute()}), made_token


def _announce(listener: socket.socket, made_token: str | None) -> None:
    if made_token is not None:
        hint = "(set ETL_MONITOR_API_TOKEN to keep one)"
        _print(f"ETL service token, for this run: {made_token} {hint}")
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    _print(f"{READY}http://{shown}:{port}")
    _log.info("listening", extra={"port": port, "pid": os.getpid()})


def _report(error: EtlMonitorError, *, to_parent: bool) -> None:
    """Print one line for people. A program that started this one reads it from standard output and
    finds the code in the log."""
    if not to_parent:
        sys.stderr.write(f"{error.message}\n")
        return
    _print(error.message)
    _log.error("start_failed", extra={"code": error.code, "details": error.details})


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
