from random import Random

from etl_monitor.store.sorted_ids import SortedIds


def test_ids_are_in_order_after_any_changes() -> None:
    random, sorted_ids, ids = Random(7), SortedIds(), set[str]()
    for step in range(6000):
        job_id = str(random.randrange(3000))
        if job_id in ids:
            ids.remove(job_id)
            sorted_ids = sorted_ids.removing(job_id, int)
        else:
            ids.add(job_id)
            sorted_ids = sorted_ids.adding(job_id, int)
        if step % 300 == 0:
            _assert_equal(sorted_ids, ids)
    _assert_equal(sorted_ids, ids)
    assert len(sorted_ids.parts) > 3


def test_all_ids_at_once_are_in_the_same_order_as_ids_that_came_one_by_one() -> None:
    ids = [str(number) for number in range(1000)]
    one_by_one = SortedIds()
    for job_id in ids[::-1]:
        one_by_one = one_by_one.adding(job_id, int)
    assert list(one_by_one) == list(SortedIds.of(ids, int)) == ids


def test_a_change_shares_all_parts_but_one() -> None:
    before = SortedIds.of((str(number) for number in range(0, 4000, 2)), int)
    after = before.adding("2001", int)
    assert len(set(map(id, before.parts)) - set(map(id, after.parts))) == 1
    assert list(after) != list(before)


def test_ids_below_a_limit_come_largest_first() -> None:
    ids = SortedIds.of(map(str, range(1000)), int)
    assert list(ids.down_from(700, int)) == [str(number) for number in range(699, -1, -1)]
    assert next(ids.down_from(10_000, int)) == "999"
    assert not list(ids.down_from(0, int))
    assert not list(SortedIds().down_from(5, int))


def _assert_equal(sorted_ids: SortedIds, ids: set[str]) -> None:
    expected = sorted(ids, key=int)
    assert list(sorted_ids) == expected
    assert list(reversed(sorted_ids)) == expected[::-1]
    assert len(sorted_ids) == len(ids)
    assert all(sorted_ids.parts)
