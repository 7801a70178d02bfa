"""`docs/scale.md` is what its script computes from the costs that `docs/performance.md` states."""

from pathlib import Path

import pytest

from benchmarks.scale import COSTS, FACTORS, NEXT_STEPS, Cost, beyond_limit, document

DOCS = Path(__file__).parents[2] / "docs"


def test_the_document_is_the_output_of_its_script() -> None:
    assert (DOCS / "scale.md").read_text("utf-8") == "\n\n".join(document()) + "\n"


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_each_cost_is_one_that_was_measured(cost: Cost) -> None:
    assert cost.quote in " ".join((DOCS / "performance.md").read_text("utf-8").split())


def test_each_part_that_breaks_has_a_next_step() -> None:
    broken = {part.name for factor in FACTORS for part in beyond_limit(factor)}
    assert broken == set(NEXT_STEPS)
