"""The commands for data: `backup FILE`, `restore FILE`, `adopt`, `migrate-to URL` and
`copy-files URL`.

A backup works while the service runs; the others need it stopped.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from etl_monitor import setting_values
from etl_monitor import settings as from_environment
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.events.database_mark import record_mark
from etl_monitor.service.operations.adopt import Adoption, adopt
from etl_monitor.service.operations.backup import back_up
from etl_monitor.service.operations.copy_files import copy_files
from etl_monitor.service.operations.database_mark import check_database
from etl_monitor.service.operations.migrate_to import migrate_to
from etl_monitor.service.operations.restore import restore
from etl_monitor.service.pipeline_loader import load_pipeline
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import database_errors, in_sole_use, open_database
from etl_monitor.settings import Settings
from etl_monitor.urls import without_password
from etl_monitor.wire.roles import Role

_BY_COMMAND = Principal(name="command line", role=Role.ADMIN)


def run(arguments: Sequence[str]) -> None:
    """Carry out the command. Raises EtlMonitorError if it fails."""
    options = _parser().parse_args(arguments)
    settings = from_environment.load()
    folders = Folders.of(settings, options.data_dir)
    if options.command == "backup":
        with database_errors(folders):
            _back_up(folders, options.file)
        return
    folders.prepare()
    with in_sole_use(folders), database_errors(folders):
        if options.command == "migrate-to":
            _migrate(folders, options.database_url)
        elif options.command == "copy-files":
            _copy_files(folders, options.storage_url)
        elif options.command == "restore":
            _restore(folders, options.file, replace=options.replace)
        else:
            _adopt(folders, settings, user_id=options.user, test_kind=options.kind)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m etl_monitor.service", description="The data of the ETL service."
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data-dir", type=Path, help="the service's folder (ETL_MONITOR_DATA_DIR)")
    commands = parser.add_subparsers(dest="command", required=True)
    save = commands.add_parser(
        "backup", parents=[common], help="copy database and files, also while the service runs"
    )
    save.add_argument("file", type=Path, help="the file to write (a tar archive)")
    load = commands.add_parser("restore", parents=[common], help="put a backup in place")
    load.add_argument("file", type=Path, help="a file written by `backup`")
    load.add_argument(
        "--replace", action="store_true", help="move the data that are there to lost/"
    )
    take = commands.add_parser("adopt", parents=[common], help="take the files in lost/ in again")
    take.add_argument("--user", default="adopted", help="person in charge of new tests")
    take.add_argument("--kind", help="test kind of new tests; default: the only one that fits")
    move = commands.add_parser(
        "migrate-to", parents=[common], help="take SQLite's data over to PostgreSQL"
    )
    move.add_argument("database_url", type=_database_url, help="postgresql+psycopg://…")
    copy = commands.add_parser(
        "copy-files", parents=[common], help="copy answer files and results to another storage"
    )
    copy.add_argument("storage_url", type=_storage_url, help="s3://BUCKET/PREFIX or file:///…")
    return parser


def _storage_url(text: str) -> str:
    try:
        return setting_values.parse_storage_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _database_url(text: str) -> str:
    try:
        return setting_values.parse_database_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _migrate(folders: Folders, database_url: str) -> None:
    mark = migrate_to(database_url, folders)
    _print(
        f"{without_password(database_url)}: events up to {mark.position}. Start the service with "
        "ETL_MONITOR_DATABASE_URL set to this address."
    )


def _copy_files(folders: Folders, storage_url: str) -> None:
    count = copy_files(storage_url, folders)
    _print(
        f"{storage_url}: {count} files. Start the service with ETL_MONITOR_STORAGE_URL set to this "
        f"address. Those in {folders.storage.location} are not used any more."
    )


def _back_up(folders: Folders, target: Path) -> None:
    summary = back_up(folders, target.absolute())
    _print(
        f"{target}: {summary.tests} tests, {summary.files} files, events up to {summary.position}."
    )
    for name in summary.missing:
        _print(f"{name}: missing, not in the backup")


def _restore(folders: Folders, source: Path, *, replace: bool) -> None:
    summary = restore(source, folders, replace=replace)
    _print(f"{folders.root}: {summary.tests} tests and {summary.files} files restored.")


def _adopt(folders: Folders, settings: Settings, *, user_id: str, test_kind: str | None) -> None:
    check_database(folders)
    adoption = Adoption(user_id=user_id, test_kind=test_kind, kinds_dir=settings.kinds_dir)
    with open_database(folders, upgrade=True) as db:
        pipeline = load_pipeline(settings.pipeline)
        for line in adopt(db, folders, pipeline, adoption, _BY_COMMAND):
            _print(line)
        record_mark(db, folders)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
