"""Upgrade a database to the tables of this version, with the migrations of `migrations/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from etl_monitor.service.storage.database import Database

_MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(db: Database) -> None:
    """Raises alembic's CommandError if a newer version made the database."""
    with db.writing() as tx:
        upgrade_to(tx, "head")


def upgrade_to(tx: Connection, revision: str) -> None:
    command.upgrade(_config(tx), revision)


def is_current(tx: Connection) -> bool:
    """Whether the database has the tables of this version."""
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    return MigrationContext.configure(tx).get_current_revision() == head


def _config(tx: Connection) -> Config:
    config = Config()
    # Alembic interpolates `%` in settings.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx
    return config
