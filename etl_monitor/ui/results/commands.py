"""What a person may request for test results: score again, delete, remove the samples."""

from collections.abc import Sequence

from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.live.commands import notify_error, run_command, start_job
from etl_monitor.ui.results.labels import title_of
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.result import TestResult
from etl_monitor.wire.roles import Right


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
    """Have all samples scored again that are not being scored. A toast says how many."""
    try:
        count = session.client_for(Right.REPLAY_SAMPLES).replay_samples()
    except EtlMonitorError as error:
        notify_error(error)
        return
    session.notify(session.translator()("toast-samples-replayed", n=count))


def remove_samples() -> bool:
    return run_command(
        Right.REMOVE_SAMPLES, lambda client: client.remove_samples(), "toast-samples-removed"
    )
