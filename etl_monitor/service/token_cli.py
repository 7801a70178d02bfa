"""`python -m etl_monitor.service token add NAME --role ROLE | list | revoke NAME`.

Works on the data directory, even while the service runs.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import inspect

from etl_monitor import settings as from_environment
from etl_monitor.errors import SettingError
from etl_monitor.service.access import tokens
from etl_monitor.service.access.activity_log import Action, audited
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import database_errors, in_sole_use, open_database
from etl_monitor.wire.base import iso
from etl_monitor.wire.roles import Role

_BY_COMMAND = Principal(name="command line", role=Role.ADMIN)


def run(arguments: Sequence[str]) -> None:
    """Carry out the command. Raises EtlMonitorError if it fails."""
    options = _parser().parse_args(arguments)
    with _database(Folders.of(from_environment.load(), options.data_dir)) as db:
        if options.command == "add":
            _add(db, options.name, Role(options.role))
        elif options.command == "revoke":
            _revoke(db, options.name)
        else:
            _list(db)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m etl_monitor.service token", description="Tokens of the ETL service."
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data-dir", type=Path, help="the service's folder (ETL_MONITOR_DATA_DIR)")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", parents=[common], help="make a token; it is shown only once")
    add.add_argument("name", help="its holder's name, as the activity log shows it")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    commands.add_parser(
        "list", parents=[common], help="list names and roles, including revoked tokens"
    )
    revoke = commands.add_parser("revoke", parents=[common], help="refuse the token from now on")
    revoke.add_argument("name")
    return parser


@contextmanager
def _database(folders: Folders) -> Iterator[Database]:
    folders.prepare_own()
    with database_errors(folders):
        _upgrade_unless_in_use(folders)
        with open_database(folders) as db:
            yield db


def _upgrade_unless_in_use(folders: Folders) -> None:
    """Upgrade the database, unless a running service has done so.

    Raises SettingError if that service is of a version that has no tokens yet.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(in_sole_use(folders))
        except SettingError:
            with open_database(folders) as db, db.reading() as tx:
                if inspect(tx).has_table("tokens"):
                    return
            raise
        stack.enter_context(open_database(folders, upgrade=True))


def _add(db: Database, name: str, role: Role) -> None:
    with audited(db, _BY_COMMAND, Action(action="add_token", title=f"{name} ({role})")) as tx:
        token = tokens.add(tx, name, role)
    _print(token)
    sys.stderr.write(f"This is the only time that the token of {name} ({role}) is shown.\n")


def _revoke(db: Database, name: str) -> None:
    with audited(db, _BY_COMMAND, Action(action="revoke_token", title=name)) as tx:
        tokens.revoke(tx, name)
    _print(f"The token of {name} is revoked.")


def _list(db: Database) -> None:
    with db.reading() as tx:
        for token in tokens.records(tx):
            revoked = f"  revoked {iso(token.revoked_at)}" if token.revoked_at else ""
            _print(f"{token.name}  {token.role}  made {iso(token.created_at)}{revoked}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
