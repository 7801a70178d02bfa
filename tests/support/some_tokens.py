"""Tokens for tests, added as the command does it, without a process for each."""

from pathlib import Path

from etl_monitor.service.access import tokens
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import open_database
from etl_monitor.wire.roles import Role

NAMES = {Role.VIEWER: "vera", Role.OPERATOR: "oskar", Role.ADMIN: "ada", Role.PORTAL: "portal"}


def new_token(data_dir: Path, role: Role) -> str:
    """Add a token before the service's first start, or while it runs."""
    folders = Folders(root=data_dir)
    folders.prepare()
    with open_database(folders, upgrade=True) as db, db.writing() as tx:
        return tokens.add(tx, NAMES[role], role)
