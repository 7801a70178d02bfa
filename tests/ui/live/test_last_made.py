"""What is made once for all drawings, and made again when it is of something else."""

from itertools import count

from etl_monitor.ui.live.last_made import LastMade


def test_it_is_made_again_when_its_basis_changes() -> None:
    made: LastMade[int] = LastMade(10)
    numbers = count(1)
    bases = ["a", "a", "b", "b", "a"]
    assert [made.get("key", basis, lambda: next(numbers)) for basis in bases] == [1, 1, 2, 2, 3]


def test_the_key_that_was_used_last_stays() -> None:
    made: LastMade[int] = LastMade(2)
    numbers = count(1)
    keys = ["a", "b", "a", "c", "a", "b"]
    assert [made.get(key, "", lambda: next(numbers)) for key in keys] == [1, 2, 1, 3, 1, 4]
