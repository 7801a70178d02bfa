"""Take the files in `lost/` in again: back to their place, or as new tests."""

import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import Pipeline
from etl_monitor.plain_text import visible
from etl_monitor.service.access.activity_log import Action, audited
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.border.kinds import check_file, offered_kinds
from etl_monitor.service.results import registration
from etl_monitor.service.results.registration import NewTest
from etl_monitor.service.storage.data_dir import Folders, suffix_of
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import RESULTS, UPLOADS
from etl_monitor.service.storage.lost_files import lost_files

_OF_THE_SERVICE = re.compile(r"[A-Za-z0-9-]+(\.[a-z0-9]{1,10})?")
_LONGEST_SOURCE, _LONGEST_TITLE = 64, 200  # characters


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
        shown = _shown(path.name)
        if is_named and folders.storage.size(back) is None:
            folders.storage.move(name, back)
            yield f"{shown}: put back"
        elif folder == UPLOADS:
            yield f"{shown}: {_register(db, folders, pipeline, adoption, by, name)}"
        else:
            yield f"{shown}: left in {_shown(str(path.parent))}"


def _shown(name: str) -> str:
    """Return a name that may be any bytes as text for a line, a title or the database."""
    return visible(name.encode(errors="replace").decode())


def _source_name(name: str) -> str:
    """Return the name in `uploads/`: the file's own if the service gave it, otherwise a new one."""
    is_ours = len(name) <= _LONGEST_SOURCE and _OF_THE_SERVICE.fullmatch(name)
    return name if is_ours else f"{uuid.uuid4()}{suffix_of(name)}"


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
        title=_shown(path.stem)[:_LONGEST_TITLE],
        test_kind=kinds[0],
        file_name=_shown(path.name)[:_LONGEST_TITLE],
        source=_source_name(path.name),
    )
    action = Action(action="upload", title=new.title)
    with audited(db, by, action) as tx:
        job = registration.register_test(
            tx, new, requested_by=by.name, step_count=len(pipeline.steps)
        )
        action.job_id, action.test_id = job.job_id, job.test_id
        # Last: if it fails, there is no test either.
        folders.storage.move(name, f"{UPLOADS}/{new.source}")
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
