"""The front of the queue: the job that a worker would claim now.

Two indexes have the waiting jobs in the order of the queue, one of them by kind (migration 0019).
So the cost does not grow with the number of waiting jobs. Only large files that are held back, or
that the worker does not take, are passed one by one.
"""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import CTE, ColumnElement, Connection, Select, select

from etl_monitor.service.jobs import rules
from etl_monitor.service.jobs.filter import IS_PENDING, QUEUE_ORDER
from etl_monitor.service.jobs.route import ANY, Route, taken_by
from etl_monitor.service.storage.tables import jobs


def next_pending(tx: Connection, routes: Sequence[Route] = (ANY,)) -> str | None:
    """Return the job that a worker with these routes would claim now."""
    queue_rules = rules.stored(tx)
    room = rules.room(tx, queue_rules)
    may_start = [IS_PENDING, *room.conditions()]
    taken_kinds = [route.kind for route in routes if route.kind is not None]
    if len(taken_kinds) < len(routes):  # jobs of other kinds as well
        may_start.append(taken_by(routes, queue_rules))
        taken_kinds = []
    of_kinds = list(_conditions_on_kinds(room.full_kinds, taken_kinds))
    if not of_kinds:
        return _first(tx, may_start)
    query = _first_of_each_kind(may_start, of_kinds)
    heads = tx.execute(query).scalars().all()
    return _first(tx, [jobs.c.job_id.in_(heads)])


def _first(tx: Connection, where: Collection[ColumnElement[bool]]) -> str | None:
    query = select(jobs.c.job_id).where(*where).order_by(*QUEUE_ORDER)
    return tx.execute(query.limit(1)).scalar_one_or_none()


_kinds = select(
    select(jobs.c.test_kind)
    .where(IS_PENDING)
    .order_by(jobs.c.test_kind)
    .limit(1)
    .scalar_subquery()
    .label("kind")
).cte("waiting_kinds", recursive=True)


def _waiting_kinds() -> CTE:
    """Select the kinds of the waiting jobs and, last, NULL; by a look into the index for each."""
    following = select(jobs.c.test_kind).where(IS_PENDING, jobs.c.test_kind > _kinds.c.kind)
    following = following.order_by(jobs.c.test_kind).limit(1).correlate(_kinds)
    return _kinds.union_all(select(following.scalar_subquery()).where(_kinds.c.kind.is_not(None)))


_KINDS = _waiting_kinds()
_KIND: ColumnElement[str] = _KINDS.c.kind


def _conditions_on_kinds(
    full: Collection[str], taken: Collection[str]
) -> Iterator[ColumnElement[bool]]:
    """Yield what keeps whole kinds of jobs from the worker. Without `taken` it takes all."""
    if full:
        yield _KIND.not_in(full)
    if taken:
        yield _KIND.in_(taken)


def _first_of_each_kind(
    may_start: Collection[ColumnElement[bool]], of_kinds: Collection[ColumnElement[bool]]
) -> Select[tuple[str]]:
    first = select(jobs.c.job_id).where(jobs.c.test_kind == _KIND, *may_start)
    first = first.order_by(*QUEUE_ORDER).limit(1).correlate(_KINDS)
    return select(first.scalar_subquery()).select_from(_KINDS).where(*of_kinds)
