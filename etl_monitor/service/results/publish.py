"""Replace a test's old results with a job's outcome, in one transaction."""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from etl_monitor.pipeline.base import Document, Outcome
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import RESULTS
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.service.storage.tables import documents, results
from etl_monitor.wire.job import Job

_PREVIEW_LENGTH = 280  # characters


def publish_results(
    db: Database, folders: Folders, job: Job, outcome: Outcome, writes: DatabaseOutage
) -> bool:
    """Complete the job and replace the test's results.

    Returns False, and changes nothing, if the job may no longer complete. Waits while the database
    is unavailable, so that the outcome is not lost.
    """
    scores = folders.store_scores(outcome.scores, job.job_id) if outcome.scores else None

    def publish() -> tuple[bool, str | None]:
        with db.writing() as tx:
            if lifecycle.complete(tx, job.job_id, job.worker or ""):
                return True, _replace(tx, job, outcome, scores)
        return False, scores

    is_published, obsolete = wait_for_database(publish, writes)
    _remove_scores(folders, obsolete)
    return is_published


def _replace(tx: Connection, job: Job, outcome: Outcome, scores: str | None) -> str | None:
    """Replace the rows. Returns the name of the old score file, if there was one."""
    old = tx.execute(select(results.c.scores).where(results.c.test_id == job.test_id)).scalar()
    for table in (documents, results):
        tx.execute(delete(table).where(table.c.test_id == job.test_id))
    tx.execute(insert(results).values(_result_row(job, outcome, scores)))
    rows = [
        row
        for number, document in enumerate(outcome.documents)
        for row in _document_rows(job, document, number)
    ]
    if rows:
        tx.execute(insert(documents), rows)
    return old


def _result_row(job: Job, outcome: Outcome, scores: str | None) -> dict[str, Any]:
    statistics = outcome.statistics
    return {
        "test_id": job.test_id,
        "job_id": job.job_id,
        "completed_at": now(),
        "respondents": outcome.respondents,
        "statistics": statistics.model_dump_json(by_alias=True) if statistics else None,
        "scores": scores,
    }


def _document_rows(job: Job, document: Document, number: int) -> Iterator[dict[str, Any]]:
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
            "preview": content[:_PREVIEW_LENGTH],
            "created_at": now(),
        }


def _remove_scores(folders: Folders, scores: str | None) -> None:
    # The housekeeper removes later what cannot be removed now.
    if scores is not None:
        folders.storage.remove(f"{RESULTS}/{scores}")
