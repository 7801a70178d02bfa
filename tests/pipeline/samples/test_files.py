"""The sample files and the model that generates their answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from etl_monitor.pipeline.kinds.definition import find_kind
from etl_monitor.pipeline.samples.files import SAMPLES, write_sample
from etl_monitor.pipeline.samples.response_model import Carelessness, ResponseModel
from etl_monitor.wire.statistics import Statistics
from tests.support.step_harness import a_job, run

CAREFUL = Carelessness(unanswered=0, gave_up=0, straight_lining=0)


def test_the_list_shows_every_state() -> None:
    assert len(SAMPLES) >= 13
    assert len({sample.key for sample in SAMPLES}) == len(SAMPLES)
    assert {sample.file_format for sample in SAMPLES} == {"csv-utf8", "csv-cp949", "parquet"}
    assert {sample.test_kind for sample in SAMPLES} == {"big_five_50", "reasoning_4x10"}
    ordinary = [s for s in SAMPLES if 500 <= s.respondents <= 100_000 and not s.broken]
    assert len(ordinary) >= 12
    assert [s.respondents for s in SAMPLES if s not in ordinary and not s.broken] == [1_000_000]
    assert sum(sample.broken for sample in SAMPLES) == 1


def test_a_sample_is_the_same_file_every_time(tmp_path: Path) -> None:
    sample = replace(SAMPLES[0], respondents=12_000)
    for name in ("one", "two"):
        write_sample(sample, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    write_sample(replace(sample, seed=5), tmp_path / "three")
    assert (tmp_path / "one").read_bytes() != (tmp_path / "three").read_bytes()


@pytest.mark.parametrize("sample", [s for s in SAMPLES if not s.broken and s.respondents < 3000])
def test_small_samples_pass_and_show_careless_respondents(tmp_path: Path, sample: object) -> None:
    assert isinstance(sample, type(SAMPLES[0]))
    source = tmp_path / "answers"
    write_sample(sample, source)
    outcome = run(a_job(tmp_path, source, sample.test_kind))
    assert outcome is not None
    statistics = outcome.statistics
    assert statistics is not None
    assert len(statistics.groups) == 6
    assert statistics.respondents.excluded["missing"] > 0
    assert all(scale.alpha is not None and scale.alpha > 0.6 for scale in statistics.scales)


def items_of(folder: Path, key: str) -> Statistics:
    sample = replace(next(s for s in SAMPLES if s.test_kind == key), respondents=20_000)
    source = folder / "answers"
    write_sample(sample, source)
    outcome = run(a_job(folder, source, key))
    assert outcome is not None
    assert outcome.statistics is not None
    return outcome.statistics


def test_the_analysis_finds_the_models_keys_right(tmp_path: Path) -> None:
    """Reversed items depend on -θ. If a key were wrong, its item would be flagged."""
    assert not [i.key for i in items_of(tmp_path, "big_five_50").items if "reversed" in i.flags]


def test_difficulty_is_what_the_model_says() -> None:
    """An answer is right with probability E[logistic(a (θ - b))], θ standard normal."""
    kind = find_kind("reasoning_4x10", None)
    model = ResponseModel(kind, groups=1, seed=3)
    model._group_effect[:] = 0
    codes = model.draw(np.zeros(60_000, dtype=np.int64), CAREFUL)
    right = np.array(["ABCDE".index(kind.answer_key[item]) for item in kind.items])
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    drive = model._slope * (points[:, np.newaxis] - model._location)
    expected = weights @ (1 / (1 + np.exp(-drive))) / weights.sum()
    assert (codes == right).mean(axis=0) == pytest.approx(expected, abs=0.01)


def test_ratings_follow_the_graded_response_model() -> None:
    """Compares the share of answers above each category with the model's (quadrature)."""
    kind = find_kind("big_five_50", None)
    model = ResponseModel(kind, groups=1, seed=3)
    model._group_effect[:] = 0
    codes = model.draw(np.zeros(60_000, dtype=np.int64), CAREFUL)
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    for category, threshold in enumerate(np.linspace(-1.8, 1.8, 4), start=1):
        drive = model._slope * (points[:, np.newaxis] - (model._location + threshold))
        expected = weights @ (1 / (1 + np.exp(-drive))) / weights.sum()
        assert (codes > category).mean(axis=0) == pytest.approx(expected, abs=0.01)
