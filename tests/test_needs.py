import pytest
from _pytest.outcomes import Failed, Skipped

from tests.support.needs import cannot


@pytest.mark.parametrize(
    ("ci", "shown_by", "outcome"),
    [
        ("", "", Skipped),
        ("true", "", Failed),
        ("", "another test", Skipped),
        ("true", "another test", Skipped),
    ],
)
def test_with_ci_a_missing_need_fails_unless_another_test_covers_it(
    monkeypatch: pytest.MonkeyPatch, ci: str, shown_by: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=f"no device.*{shown_by}"):
        cannot("no device", shown_by=shown_by)
