"""`python -m etl_monitor.service token add NAME --role ROLE | list | revoke NAME`.

Works on the data directory, also while the service runs.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from etl_monitor import settings as from_environment
from etl_monitor.errors import SettingError
from etl_monitor.service import startup_errors
from etl_monitor.service.access import tokens
from etl_monitor.service.access.activity_log import Action, acting
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.wire.base import iso
from etl_monitor.wire.roles import Role

_BY_COMMAND = Principal(name="command line", role=Role.ADMIN)


def run(arguments: Sequence[str]) -> None:
    """Raises EtlMonitorError."""
    asked = _parser().parse_args(arguments)
    data_dir = asked.data_dir or from_environment.load().data_dir
    with _database(Folders(root=data_dir.absolute())) as db:
        if asked.what == "add":
            _add(db, asked.name, Role(asked.role))
        elif asked.what == "revoke":
            _revoke(db, asked.name)
        else:
            _list(db)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m etl_monitor.service token", description="Tokens of the ETL service."
    )
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--data-dir", type=Path, help="the service's folder (ETL_MONITOR_DATA_DIR)")
    what = parser.add_subparsers(dest="what", required=True)
    add = what.add_parser("add", parents=[where], help="make a token, shown this once")
    add.add_argument("name", help="whose it is, as it stands in the activity log")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    what.add_parser("list", parents=[where], help="names and roles, also of revoked ones")
    revoke = what.add_parser("revoke", parents=[where], help="refuse it from now on")
    revoke.add_argument("name")
    return parser


@contextmanager
def _database(folders: Folders) -> Iterator[Database]:
    folders.prepare()
    db = Database(folders.database_url)
    try:
        _bring_up_to_date(db, folders)
        yield db
    except CommandError:
        raise startup_errors.DatabaseNewer(data_dir=str(folders.root)) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error))
        raise startup_errors.DatabaseUnusable(data_dir=str(folders.root), reason=reason) from None
    finally:
        db.close()


def _bring_up_to_date(db: Database, folders: Folders) -> None:
    """Not under a running service: that one has done it, unless it is an older program."""
    try:
        with folders.lock():
            migrate.upgrade(db)
    except SettingError:
        with db.reading() as tx:
            if not inspect(tx).has_table("tokens"):
                raise


def _add(db: Database, name: str, role: Role) -> None:
    with acting(db, _BY_COMMAND, Action(action="add_token", title=f"{name} ({role})")) as tx:
        token = tokens.add(tx, name, role)
    _print(token)
    sys.stderr.write(f"This is the only time that the token of {name} ({role}) is shown.\n")


def _revoke(db: Database, name: str) -> None:
    with acting(db, _BY_COMMAND, Action(action="revoke_token", title=name)) as tx:
        tokens.revoke(tx, name)
    _print(f"The token of {name} is revoked.")


def _list(db: Database) -> None:
    with db.reading() as tx:
        for one in tokens.records(tx):
            revoked = f"  revoked {iso(one.revoked_at)}" if one.revoked_at else ""
            _print(f"{one.name}  {one.role}  made {iso(one.created_at)}{revoked}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
