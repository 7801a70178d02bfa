"""`python -m etl_monitor.service` runs the ETL service alone; `… token` manages its tokens, and the
other commands its data.

A command imports only what it needs, and does so without garbage collections, which would find
nothing and take a tenth of the time.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

_DATA = ("backup", "restore", "adopt", "migrate-to", "copy-files")  # commands of data_cli.py
_CANNOT_SUCCEED = 2  # the exit code of a command that failed
_PRIVATE_UMASK = 0o077  # files contain people's answers and hashes of tokens


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    return load(sys.argv[1:] if arguments is None else arguments)()


def load(arguments: Sequence[str]) -> Callable[[], int]:
    """Import what the arguments need. Returns what carries them out and returns the exit code."""
    gc.disable()
    try:
        return partial(_carry_out, _imported(arguments))
    finally:
        gc.freeze()  # what is imported stays
        gc.enable()


def _imported(arguments: Sequence[str]) -> Callable[[], int]:
    if arguments[:1] == ["token"]:
        from etl_monitor.service import token_cli

        return partial(_command, token_cli.run, arguments[1:])
    if arguments and arguments[0] in _DATA:
        from etl_monitor.service import data_cli

        return partial(_command, data_cli.run, arguments)
    from etl_monitor.service import start

    return partial(start.run, arguments)


def _carry_out(run: Callable[[], int]) -> int:
    os.umask(_PRIVATE_UMASK)  # workers inherit it
    try:
        return run()
    finally:
        gc.freeze()  # otherwise Python's end searches all objects for cycles: most of a second


def _command(run: Callable[[Sequence[str]], None], arguments: Sequence[str]) -> int:
    from etl_monitor.errors import EtlMonitorError

    try:
        run(arguments)
    except EtlMonitorError as error:
        sys.stderr.write(f"{error.message}\n")
        return _CANNOT_SUCCEED
    return 0


if __name__ == "__main__":
    sys.exit(main())
