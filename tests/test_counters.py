"""Counts by name."""

from etl_monitor.counters import Tally


def test_counts_by_name() -> None:
    tally = Tally()
    tally.add("a", "ok")
    tally.add("a", "ok")
    tally.add("b", "ok")
    assert tally.counts() == {("a", "ok"): 2, ("b", "ok"): 1}


def test_names_without_end_are_counted_as_one() -> None:
    tally = Tally()
    for n in range(1000):
        tally.add(f"name-{n}", "x")
    tally.add("name-0", "x")
    counts = tally.counts()
    assert len(counts) <= 201
    assert counts[("other", "other")] == 800
    assert counts[("name-0", "x")] == 2
