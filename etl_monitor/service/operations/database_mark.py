"""The mark that a data directory keeps of its database, so that no other one takes its place.

The database names the files beside it. A database that is missing, older, or another one names
fewer of them, and what it does not name would be taken for rubbish. The mark says which database
belongs here and how far its event log was when the mark was written.
"""

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, inspect

from etl_monitor.service import startup_errors
from etl_monitor.service.events import event_log
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import database_errors, open_database

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DatabaseMark:
    """`log_id` names the event log, `position` is the number of its newest event."""

    log_id: str
    position: int

    @classmethod
    def of_database(cls, db: Database) -> Self | None:
        """Return the mark of this database; None if it has no tables yet."""
        with db.reading() as tx:
            if not inspect(tx).has_table("event_counter"):
                return None
            return cls.of_tables(tx)

    @classmethod
    def of_tables(cls, tx: Connection) -> Self:
        return cls(log_id=event_log.log_id(tx), position=event_log.position(tx))

    @classmethod
    def read(cls, folders: Folders) -> Self | None:
        """Return the mark of the data directory; None if it is missing or damaged."""
        try:
            fields = json.loads(folders.mark.read_text(encoding="utf-8"))
            return cls(log_id=str(fields["log_id"]), position=int(fields["position"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("database_mark_unreadable", extra={"reason": str(error)})
            return None

    def write(self, folders: Folders) -> None:
        """Replace the data directory's mark. Raises OSError."""
        temporary = folders.mark.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folders.mark)  # noqa: PTH105  # replaces on Windows as well


def record_mark(db: Database, folders: Folders) -> None:
    """Write the mark of the open database."""
    mark = DatabaseMark.of_database(db)
    if mark is not None:
        mark.write(folders)


def check_database(folders: Folders) -> None:
    """Raise SettingError if the database is damaged or does not belong to the files beside it.

    Nothing is created or changed. The caller holds the folders' lock.
    """
    data_dir, mark, files = str(folders.root), DatabaseMark.read(folders), folders.count_files()
    if folders.external_database is None and not _has_file(folders.database_path):
        if mark is not None or files:
            raise startup_errors.DatabaseMissing(data_dir=data_dir, files=files)
        return
    with database_errors(folders), open_database(folders) as db:
        with db.reading() as tx:
            db.check(tx)
        current = DatabaseMark.of_database(db)
    if mark is None:
        if files and (current is None or current.position == 0):
            raise startup_errors.DatabaseNew(data_dir=data_dir, files=files)
        return
    if current is None or current.log_id != mark.log_id:
        raise startup_errors.DatabaseForeign(data_dir=data_dir, files=files)
    if current.position < mark.position:
        raise startup_errors.DatabaseOlder(
            data_dir=data_dir, position=current.position, marked=mark.position
        )


def _has_file(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
