"""The commands of people. Each is checked, carried out and audited in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from etl_monitor.errors import ApiError
from etl_monitor.service import errors
from etl_monitor.service.access.activity_log import Action, audited
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.jobs import creation, lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results import registration
from etl_monitor.service.samples import state as sample_state
from etl_monitor.service.samples.pacing import pace_over
from etl_monitor.service.samples.state import SampleState
from etl_monitor.service.service import Service
from etl_monitor.wire.job import Job


@dataclass(frozen=True, kw_only=True)
class Commands:
    """The commands of one principal. All raise ApiError."""

    service: Service
    principal: Principal

    def process(self, user_id: str, anp_seq: int, *, force: bool) -> Job:
        def find(tx: Connection) -> Row[Any]:
            return result_queries.test_row_of_user(tx, user_id, anp_seq)

        return self._process(Action(action="process"), find, force)

    def process_test(self, test_id: str, *, force: bool) -> Job:
        def find(tx: Connection) -> Row[Any]:
            return result_queries.test_row(tx, test_id)

        return self._process(Action(action="process", test_id=test_id), find, force)

    def upload(self, new: registration.NewTest) -> Job:
        action = Action(action="upload", title=new.title)
        with audited(self.service.db, self.principal, action) as tx:
            job = registration.register_test(
                tx, new, requested_by=self.principal.name, step_count=self._steps
            )
            action.test_id, action.new_job_id = job.test_id, job.job_id
        self.service.notify_committed(job.job_id)
        return job

    def replace_file(self, test_id: str, new: registration.NewFile) -> Job:
        action = Action(action="upload", test_id=test_id)
        with audited(self.service.db, self.principal, action) as tx:
            action.title = result_queries.test_row(tx, test_id).title
            job, obsolete = registration.replace_file(
                tx, test_id, new, requested_by=self.principal.name, step_count=self._steps
            )
            action.new_job_id = job.job_id
        self.service.notify_committed(job.job_id)
        registration.remove_files(self.service.folders, [obsolete])
        return job

    def promote(self, job_id: str) -> Job:
        return self._mark("promote", job_id, lifecycle.promote)

    def mark_seen(self, job_id: str) -> Job:
        def change(tx: Connection, job_id: str) -> Job:
            return lifecycle.mark_seen(tx, job_id, by=self.principal.name)

        return self._mark("mark_seen", job_id, change)

    def cancel(self, job_id: str, reason: str | None) -> Job:
        action = Action(action="cancel", job_id=job_id, reason=reason)
        deadline = timedelta(seconds=self.service.settings.cancel_deadline)
        with audited(self.service.db, self.principal, action) as tx:
            old = job_queries.get(tx, job_id)
            action.test_id, action.title = old.test_id, old.title
            job = lifecycle.request_cancel(
                tx, job_id, by=self.principal.name, reason=reason, deadline=deadline
            )
        self.service.notify_committed()
        return job

    def retry(self, job_id: str, reason: str | None = None) -> Job:
        action = Action(action="retry", job_id=job_id, reason=reason)
        with audited(self.service.db, self.principal, action) as tx:
            old = job_queries.get(tx, job_id)
            test = result_queries.test_row(tx, old.test_id or "")
            action.test_id, action.title = test.test_id, test.title
            job = creation.retry(
                tx, test, old, requested_by=self.principal.name, step_count=self._steps
            )
            action.new_job_id = job.job_id
        self.service.notify_committed(job.job_id)
        return job

    def delete(self, test_id: str) -> None:
        action = Action(action="delete", test_id=test_id)
        with audited(self.service.db, self.principal, action) as tx:
            action.title = result_queries.test_row(tx, test_id).title
            files = registration.delete_test(tx, test_id)
        self.service.notify_committed()
        registration.remove_files(self.service.folders, files)

    def replay_samples(self) -> int:
        """Score the samples again that are not being scored. Returns how many; their jobs start one
        after the other, as on the first start."""
        with audited(self.service.db, self.principal, Action(action="replay_samples")) as tx:
            test_ids = registration.idle_samples(tx)
        pace = pace_over(self.service.settings.samples_minutes, len(test_ids))
        self.service.sample_replay.start(pace, test_ids, self._replay)
        return len(test_ids)

    def remove_samples(self) -> int:
        self.service.sample_replay.close()
        with audited(self.service.db, self.principal, Action(action="remove_samples")) as tx:
            count, files = registration.delete_samples(tx)
            sample_state.set_state(tx, SampleState.REMOVED)
        self.service.notify_committed()
        registration.remove_files(self.service.folders, files)
        return count

    def _replay(self, test_id: str) -> None:
        """Not an entry of its own in the activity log: the replay has one."""
        with self.service.db.writing() as tx:
            job = creation.create(
                tx,
                result_queries.test_row(tx, test_id),
                requested_by=self.principal.name,
                step_count=self._steps,
                force=True,
            )
        self.service.notify_committed(job.job_id)

    def _mark(self, name: str, job_id: str, change: Callable[[Connection, str], Job]) -> Job:
        action = Action(action=name, job_id=job_id)
        with audited(self.service.db, self.principal, action) as tx:
            old = job_queries.get(tx, job_id)
            action.test_id, action.title = old.test_id, old.title
            job = change(tx, job_id)
        self.service.notify_committed()
        return job

    def _process(self, action: Action, find: Callable[[Connection], Row[Any]], force: bool) -> Job:
        with audited(self.service.db, self.principal, action) as tx:
            test = find(tx)
            action.test_id, action.title = test.test_id, test.title
            if not force:
                _check_not_processed(tx, test.test_id)
            job = creation.create(
                tx, test, requested_by=self.principal.name, step_count=self._steps, force=force
            )
            action.new_job_id = job.job_id
        self.service.notify_committed(job.job_id)
        return job

    @property
    def _steps(self) -> int:
        return len(self.service.pipeline.steps)


def _check_not_processed(tx: Connection, test_id: str) -> None:
    """Raises AlreadyProcessed, unless a job is active: then that one is the reason."""
    is_active = job_queries.active_of_test(tx, test_id) is not None
    if result_queries.has_results(tx, test_id) and not is_active:
        raise errors.AlreadyProcessed(test_id=test_id)


def one_by_one(
    ids: Sequence[str], command: Callable[[str], Job]
) -> Sequence[tuple[str, Job | ApiError]]:
    """Run a command for each id, in a transaction of its own: an error does not undo the others."""
    return [(item_id, _outcome(item_id, command)) for item_id in ids]


def _outcome(item_id: str, command: Callable[[str], Job]) -> Job | ApiError:
    try:
        return command(item_id)
    except ApiError as error:
        return error
