"""The mark beside the files that says which database names them, so that no other one does.

The mark says which event log belongs to the files and how far it was when the mark was written.
"""

import json
import logging
import os
import uuid
from dataclasses import asdict, dataclass
from typing import Self

from sqlalchemy import Connection, inspect

from etl_monitor.service import startup_errors, storage_errors
from etl_monitor.service.events import event_log
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import MARK

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DatabaseMark:
    """`log_id` names the event log, `position` is the number of its newest event. `moved_to`: the
    storage that the files were copied to, so that this one is no longer theirs."""

    log_id: str
    position: int
    moved_to: str | None = None

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
        """Return the mark beside the files; None if it is missing or damaged."""
        try:
            with folders.storage.open(MARK) as file:
                fields = json.load(file)
            return cls(
                log_id=str(fields["log_id"]),
                position=int(fields["position"]),
                moved_to=fields.get("moved_to"),
            )
        except FileNotFoundError:
            return None
        except (
            OSError,
            ValueError,
            ArithmeticError,
            LookupError,
            TypeError,
            RecursionError,
        ) as error:
            _log.warning("database_mark_unreadable", extra={"reason": str(error)})
            return None

    def write(self, folders: Folders) -> None:
        """Replace the mark beside the files. Raises OSError or StorageUnavailable."""
        # Several services may write theirs at once.
        temporary = folders.incoming / f"{uuid.uuid4()}.mark"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        folders.storage.put(temporary, MARK)


def check_shared(tx: Connection, folders: Folders) -> None:
    """Raise SettingError if the files are not those of the services on this database."""
    mark = DatabaseMark.read(folders)
    check_not_moved(mark, folders)
    if mark is None or mark.log_id != event_log.log_id(tx):
        if folders.storage_url is not None:
            raise storage_errors.StorageNotShared(storage=folders.storage_url)
        raise startup_errors.DataDirNotShared(data_dir=str(folders.root))


def check_not_moved(mark: DatabaseMark | None, folders: Folders) -> None:
    """Raise SettingError if the files were copied to another storage, which goes on."""
    if mark is not None and mark.moved_to is not None:
        raise storage_errors.FilesMoved(data_dir=folders.location, storage=mark.moved_to)


def record_mark(db: Database, folders: Folders) -> None:
    """Write the mark of the open database."""
    mark = DatabaseMark.of_database(db)
    if mark is not None:
        mark.write(folders)
