"""Tokens for tests, made where the command makes them, without a process for each."""

from pathlib import Path

from etl_monitor.service.access import tokens
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.wire.roles import Role

NAMES = {Role.VIEWER: "vera", Role.OPERATOR: "oskar", Role.ADMIN: "ada", Role.PORTAL: "portal"}


def new_token(data_dir: Path, role: Role) -> str:
    """Before the service's first start, or while it runs."""
    folders = Folders(root=data_dir)
    folders.prepare()
    db = Database(folders.database_url)
    migrate.upgrade(db)
    with db.writing() as tx:
        token = tokens.add(tx, NAMES[role], role)
    db.close()
    return token
