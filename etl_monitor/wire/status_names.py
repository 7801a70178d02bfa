"""What back ends call the states of their jobs."""

import re
from collections.abc import Mapping

from etl_monitor.plain_text import canonical
from etl_monitor.wire.job import STATUSES, JobStatus

COMMON_NAMES: Mapping[JobStatus, tuple[str, ...]] = {
    JobStatus.PENDING: (
        *("pending", "queued", "waiting", "new", "created", "submitted", "scheduled", "accepted"),
        *("enqueued", "deferred", "not_started", "retry", "retrying", "up_for_retry"),
        *("대기", "대기중", "접수", "예약"),
    ),
    JobStatus.RUNNING: (
        *("running", "started", "in_progress", "progress", "processing", "active", "executing"),
        *("working", "busy", "cancelling", "canceling", "stopping"),
        *("진행", "진행중", "실행중", "처리중"),
    ),
    JobStatus.COMPLETED: (
        *("completed", "complete", "success", "succeeded", "successful", "done", "finished", "ok"),
        *("완료", "완료됨", "성공", "처리완료"),
    ),
    JobStatus.FAILED: (
        *("failed", "failure", "error", "errored", "crashed", "timeout", "timed_out"),
        *("upstream_failed", "dead", "실패", "실패함", "오류", "에러"),
    ),
    JobStatus.CANCELLED: (
        *("cancelled", "canceled", "aborted", "revoked", "killed", "terminated", "stopped"),
        *("취소", "취소됨", "중단", "중단됨", "중지"),
    ),
}
"""The names that are understood without a setting; `docs/wire.md` has the same table."""


class StatusNames:
    """Finds the state that a name stands for. Capitals, hyphens, spaces and underscores do not
    matter: `IN_PROGRESS`, `inProgress` and `in-progress` are one name. Of a name with full stops
    (`JobStatus.RUNNING`), which is none as a whole, the last part counts."""

    def __init__(self, own: Mapping[str, JobStatus] | None = None) -> None:
        """`own` names come before the common ones."""
        common = {name: status for status, names in COMMON_NAMES.items() for name in names}
        self._statuses = {_key(name): status for name, status in common.items()}
        self._statuses |= {_key(name): status for name, status in (own or {}).items()}
        self._as_sent: dict[str, JobStatus] = {}  # spellings that were seen, for speed

    def status(self, name: str) -> JobStatus:
        """Return the state, UNKNOWN if no name fits."""
        status = self._as_sent.get(name)
        if status is None:
            status = self._find(name) or self._find(name.rpartition(".")[2]) or JobStatus.UNKNOWN
            if status is not JobStatus.UNKNOWN:  # of which there are a few spellings only
                self._as_sent[name] = status
        return status

    def _find(self, name: str) -> JobStatus | None:
        return self._statuses.get(_key(name))


def parse_status_map(status_map: str | None) -> dict[str, JobStatus]:
    """Return the state of each name in `ETL_MONITOR_STATUS_MAP`.

    Raises ValueError if the map cannot be read.
    """
    pairs = [pair for pair in (status_map or "").split(",") if pair.strip()]
    return dict(_name_and_status(pair) for pair in pairs)


def _name_and_status(pair: str) -> tuple[str, JobStatus]:
    name, _, status = (part.strip() for part in pair.rpartition("="))
    if not name or status not in STATUSES:
        states = ", ".join(STATUSES)
        raise ValueError(f"pairs such as ARCHIVED=completed, with one of the states {states}")
    return name, JobStatus(status)


def _key(name: str) -> str:
    return re.sub(r"[\s_-]+", "", canonical(name)).casefold()
