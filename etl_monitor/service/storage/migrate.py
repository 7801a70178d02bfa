"""Upgrade a database to the tables of this version, with the migrations of `migrations/`.

Alembic is imported only if there is something to upgrade: most starts, and all workers, find a
database of their own version.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from etl_monitor.service.storage.database import Database

_MIGRATIONS = Path(__file__).parents[1] / "migrations"


class NewerDatabase(Exception):
    """A newer version has made the database."""


def upgrade(db: Database) -> None:
    """Raises NewerDatabase."""
    with db.writing() as tx:
        if not is_current(tx):
            upgrade_to(tx, newest_revision())


def upgrade_to(tx: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    # Alembic interpolates `%` in settings.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise NewerDatabase from error


def is_current(tx: Connection) -> bool:
    """Whether the database has the tables of this version."""
    if not inspect(tx).has_table("alembic_version"):
        return False
    revision = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return bool(revision == newest_revision())


def newest_revision() -> str:
    """Return the number with which the newest script's file name begins."""
    names = (path.stem for path in _MIGRATIONS.glob("versions/[0-9]*.py"))
    return max(names).partition("_")[0]
