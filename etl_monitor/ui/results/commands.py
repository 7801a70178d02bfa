"""What a person may request for test results: score again, delete, remove the samples."""

from collections.abc import Sequence

from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.live.commands import notify_error, run_command, start_job
from etl_monitor.ui.results.labels import title_of
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.roles import Right

_MAX_SAMPLES = 1000  # results that are searched for samples


def reprocess_many(test_ids: Sequence[str]) -> dict[str, str | None]:
    """Score several tests again. Returns test id → problem, None for a test that is queued."""
    t, table = session.translator(), session.job_table()
    try:
        outcomes = session.client_for(Right.PROCESS).process_many(test_ids, force=True)
    except EtlMonitorError as error:
        return dict.fromkeys(test_ids, problem_text(error, t))
    started = [outcome.job_id for outcome in outcomes if outcome.job_id]
    table.add_started(*started)
    session.state().bulk_actions["tests"] += bool(started)
    return {
        outcome.test_id: problem_text(outcome.error.api_error(), t) if outcome.error else None
        for outcome in outcomes
    }


def reprocess(result: TestResult, *, force: bool) -> bool:
    return start_job(
        Right.PROCESS,
        lambda client: client.process(result.user_id, result.anp_seq, force=force).job_id,
        result.id,
        title_of(result, session.translator()),
    )


def delete(result: TestResult, title: str) -> bool:
    return run_command(
        Right.DELETE, lambda client: client.delete_result(result.id), "toast-deleted", title=title
    )


def replay_samples() -> None:
    """Score all samples again that are not being scored. A toast says how many."""
    t = session.translator()
    try:
        results = session.client_for(Right.PROCESS).results(limit=_MAX_SAMPLES).results
    except EtlMonitorError as error:
        notify_error(error)
        return
    idle = [result for result in results if result.status is not ResultStatus.PROCESSING]
    samples = [result.id for result in idle if result.is_sample]
    outcomes = reprocess_many(samples) if samples else {}
    queued = sum(problem is None for problem in outcomes.values())
    session.notify(t("reprocess-many-done", n=queued))


def remove_samples() -> bool:
    return run_command(
        Right.REMOVE_SAMPLES, lambda client: client.remove_samples(), "toast-samples-removed"
    )
