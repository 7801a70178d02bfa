"""Puts a finished job's outcome in the place of the old results, in one step."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from etl_monitor.pipeline.base import Document, Outcome
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.service.storage.tables import documents, results
from etl_monitor.wire.job import Job

_PREVIEW = 280  # characters


def publish_results(
    db: Database, folders: Folders, job: Job, outcome: Outcome, writes: DatabaseOutage
) -> bool:
    """False: the job may not complete any more; then everything stays as it was. Where the
    database is away it waits: what was worked out is not thrown away for that."""
    scores = folders.store_scores(outcome.scores, job.job_id) if outcome.scores else None

    def swap() -> tuple[bool, str | None]:
        with db.writing() as tx:
            if lifecycle.complete(tx, job.job_id, job.worker or ""):
                return True, _replace(tx, job, outcome, scores)
        return False, scores

    swapped, not_needed = wait_for_database(swap, writes)
    _forget(folders, not_needed)
    return swapped


def _replace(tx: Connection, job: Job, outcome: Outcome, scores: str | None) -> str | None:
    """Returns the name of the old scores."""
    old = tx.execute(select(results.c.scores).where(results.c.test_id == job.test_id)).scalar()
    for table in (documents, results):
        tx.execute(delete(table).where(table.c.test_id == job.test_id))
    tx.execute(insert(results).values(_result(job, outcome, scores)))
    texts = [
        text for number, one in enumerate(outcome.documents) for text in _texts(job, one, number)
    ]
    if texts:
        tx.execute(insert(documents), texts)
    return old


def _result(job: Job, outcome: Outcome, scores: str | None) -> dict[str, Any]:
    statistics = outcome.statistics
    return {
        "test_id": job.test_id,
        "job_id": job.job_id,
        "completed_at": now(),
        "respondents": outcome.respondents,
        "statistics": statistics.model_dump_json(by_alias=True) if statistics else None,
        "scores": scores,
    }


def _texts(job: Job, document: Document, number: int) -> Iterator[dict[str, Any]]:
    document_id = str(uuid.uuid4())
    for language, content in document.content.items():
        yield {
            "document_id": document_id,
            "language": language,
            "test_id": job.test_id,
            "number": number,
            "type": document.type,
            "summary": document.summary[language],
            "content": content,
            "preview": content[:_PREVIEW],
            "created_at": now(),
        }


def _forget(folders: Folders, scores: str | None) -> None:
    # Somebody may be reading it, which Windows does not like: the next start clears it away.
    with suppress(OSError):
        if scores is not None:
            Path(folders.results / scores).unlink()
