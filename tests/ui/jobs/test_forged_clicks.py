"""A browser may send an action that its page has no button for: it has no effect."""

import pytest

from etl_monitor.errors import Forbidden
from etl_monitor.i18n.translator import Translator
from etl_monitor.portal.sign_in import Visitor
from etl_monitor.ui.jobs import bulk_dialogs, clicks, commands, dialogs
from etl_monitor.ui.live.bus import ViewAction
from etl_monitor.ui.results import commands as results_commands
from etl_monitor.ui.session import state as session
from etl_monitor.wire.roles import Right, Role
from tests.support import factories


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The notices for a viewer. There is no service that could reject a request."""
    notices: list[str] = []
    monkeypatch.setattr(session, "visitor", lambda: Visitor(name="vera", role=Role.VIEWER))
    monkeypatch.setattr(clicks, "visitor", session.visitor)
    monkeypatch.setattr(session, "translator", lambda: Translator("en"))
    monkeypatch.setattr(session, "notify", notices.append)
    monkeypatch.setattr(session, "job_table", object)  # it has no methods, so any use fails
    monkeypatch.setattr(clicks, "show_notices", lambda: None)
    return notices


@pytest.mark.parametrize("kind", ["cancel", "cancel-now", "retry", "cancel-many", "retry-many"])
def test_an_action_without_the_right_is_rejected(
    kind: str, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    for module, name in ((dialogs, "open_cancel_dialog"), (bulk_dialogs, "open_bulk_dialog")):
        monkeypatch.setattr(module, name, lambda *arguments: calls.append(arguments))
    job = factories.running()
    clicks.handle(
        ViewAction(kind=kind, id=job.job_id), job, on_cancel=calls.append, on_retry=calls.append
    )
    assert calls == []
    assert notices == [
        "You need the role Operator; your role is Viewer. Ask the service’s administrator."
    ]


def test_no_forged_command_reaches_the_service(notices: list[str]) -> None:
    job, result = factories.running(), factories.result()
    is_done = [
        commands.cancel(job),
        commands.retry(job),
        results_commands.reprocess(result, force=True),
        results_commands.delete(result, "A test"),
        results_commands.remove_samples(),
    ]
    assert is_done == [False] * 5
    assert len(notices) == 5
    assert all(outcome.problem for outcome in commands.run_bulk("cancel", [job]))
    assert results_commands.reprocess_many(["a"])["a"] is not None


@pytest.mark.parametrize("right", [right for right in Right if right is not Right.SEE])
def test_there_is_no_client_for_a_missing_right(right: Right, notices: list[str]) -> None:
    with pytest.raises(Forbidden) as caught:
        session.client_for(right)
    assert caught.value.details["role"] == "viewer"
