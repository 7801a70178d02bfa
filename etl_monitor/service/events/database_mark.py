"""The mark that a data directory keeps of its database, so that no other one takes its place.

The mark says which event log belongs to the files and how far it was when the mark was written.
"""

import json
import logging
import os
import uuid
from dataclasses import asdict, dataclass
from typing import Self

from sqlalchemy import Connection, inspect

from etl_monitor.service import startup_errors
from etl_monitor.service.events import event_log
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import MARK

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
            with folders.storage.open(MARK) as file:
                fields = json.load(file)
            return cls(log_id=str(fields["log_id"]), position=int(fields["position"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("database_mark_unreadable", extra={"reason": str(error)})
            return None

    def write(self, folders: Folders) -> None:
        """Replace the data directory's mark. Raises OSError."""
        # Several services may write theirs at once.
        temporary = folders.incoming / f"{uuid.uuid4()}.mark"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        folders.storage.put(temporary, MARK)


def check_shared(tx: Connection, folders: Folders) -> None:
    """Raise SettingError if the data directory is not that of the services on this database."""
    mark = DatabaseMark.read(folders)
    if mark is None or mark.log_id != event_log.log_id(tx):
        raise startup_errors.DataDirNotShared(data_dir=str(folders.root))


def record_mark(db: Database, folders: Folders) -> None:
    """Write the mark of the open database."""
    mark = DatabaseMark.of_database(db)
    if mark is not None:
        mark.write(folders)
