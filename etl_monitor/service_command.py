"""`etl-monitor-service`: the ETL service as a command, if its packages are installed."""

import sys


def main() -> int:
    """Return the exit code of the service, or of a start that cannot succeed."""
    try:
        from etl_monitor.service.__main__ import load

        run = load(sys.argv[1:])
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("etl_monitor"):
            raise
        print(f"{error.name} is missing: pip install 'etl-monitor[service]'", file=sys.stderr)  # noqa: T201
        return 2
    return run()
