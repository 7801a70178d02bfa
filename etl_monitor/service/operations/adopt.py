"""Take the files in `lost/` in again: back to their place, or as new tests."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import Pipeline
from etl_monitor.service.access.activity_log import Action, audited
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.border.kinds import check_file, offered_kinds
from etl_monitor.service.results import registration
from etl_monitor.service.results.registration import NewTest
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import RESULTS, UPLOADS
from etl_monitor.service.storage.lost_files import lost_files


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What to do with files that no record names. `test_kind` None: the one whose check passes."""

    user_id: str
    test_kind: str | None
    kinds_dir: Path | None


def adopt(
    db: Database,
    folders: Folders,
    pipeline: Pipeline,
    adoption: Adoption,
    by: Principal,
) -> Iterator[str]:
    """Yield one line for each file below `lost/`. The caller holds the folders' lock."""
    with db.reading() as tx:
        uploads, results = registration.referenced_files(tx)
    for name in lost_files(folders.storage):
        path = PurePosixPath(name)
        folder = path.parent.name
        is_named = path.name in {UPLOADS: uploads, RESULTS: results}.get(folder, ())
        back = f"{folder}/{path.name}"
        if is_named and folders.storage.size(back) is None:
            folders.storage.move(name, back)
            yield f"{path.name}: put back"
        elif folder == UPLOADS:
            yield f"{path.name}: {_register(db, folders, pipeline, adoption, by, name)}"
        else:
            yield f"{path.name}: left in {path.parent}"


def _register(
    db: Database,
    folders: Folders,
    pipeline: Pipeline,
    adoption: Adoption,
    by: Principal,
    name: str,
) -> str:
    with tempfile.TemporaryDirectory(dir=folders.incoming) as copy:
        path = folders.storage.fetch(name, Path(copy))
        kinds = _fitting_kinds(pipeline, adoption, path)
    if len(kinds) != 1:
        return f"left; {len(kinds)} test kinds fit, name one with --kind"
    new = NewTest(
        user_id=adoption.user_id,
        title=path.stem,
        test_kind=kinds[0],
        file_name=path.name,
        source=path.name,
    )
    action = Action(action="upload", title=new.title)
    with audited(db, by, action) as tx:
        job = registration.register_test(
            tx, new, requested_by=by.name, step_count=len(pipeline.steps)
        )
        action.job_id, action.test_id = job.job_id, job.test_id
        # Last: if it fails, there is no test either.
        folders.storage.move(name, f"{UPLOADS}/{path.name}")
    return f"a new test of the kind {new.test_kind}"


def _fitting_kinds(pipeline: Pipeline, adoption: Adoption, path: Path) -> list[str]:
    if adoption.test_kind is not None:
        return [adoption.test_kind]
    keys = [kind.key for kind in offered_kinds(pipeline, adoption.kinds_dir)]
    return [key for key in keys if _passes(pipeline, adoption, path, key)]


def _passes(pipeline: Pipeline, adoption: Adoption, path: Path, kind: str) -> bool:
    try:
        check_file(pipeline, path, kind, adoption.kinds_dir)
    except PipelineError:
        return False
    return True
