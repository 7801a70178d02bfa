"""Step 2: decide for each row whether it is used (`etl_monitor/pipeline/exclusion.py`)."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, Codes
from etl_monitor.pipeline.answer_files.rows import MOST_NAMED_ROWS
from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import Kind, Rating
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.steps.identities import NO_ID
from etl_monitor.pipeline.steps.rejected import first_rejected, write_rejected
from etl_monitor.pipeline.steps.workspace import Extracted, Workspace
from etl_monitor.wire.statistics import Respondents

Mask = npt.NDArray[np.bool_]
Exclusions = npt.NDArray[np.uint8]
"""One `ExclusionReason` a row."""


@stoppable
def validate(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    """Raises PipelineError `too_many_invalid_rows` if more than half of the rows are unusable."""
    space = Workspace.of(job)
    kind = space.kind
    extracted = space.extracted()
    identities = space.identities.column(0)
    exclusions = np.zeros(extracted.rows, dtype=np.uint8)
    is_straight = np.zeros(extracted.rows, dtype=np.bool_)
    done = 0
    for codes in tracked(space.answers.chunks(), extracted.rows, report, cancelled):
        part = slice(done, done + len(codes))
        exclusions[part] = _row_exclusions(codes, identities[part], kind)
        is_straight[part] = is_straight_lined(codes, kind)
        done += len(codes)
    is_usable = exclusions == ExclusionReason.USABLE
    exclusions[_repeated(identities, is_usable)] = ExclusionReason.DUPLICATE
    stop_if(cancelled)
    is_usable = exclusions == ExclusionReason.USABLE
    exclusions[is_straight & is_usable] = ExclusionReason.STRAIGHT_LINING
    stop_if(cancelled)
    space.exclusions.write(exclusions)
    write_rejected(space, cancelled)
    _report_exclusions(space, extracted, exclusions, report)
    return None


def count_respondents(extracted: Extracted, exclusions: Exclusions) -> Respondents:
    """Count the usable rows of a file, and the others by reason."""
    counts = np.bincount(exclusions, minlength=len(ExclusionReason))
    excluded = {r.reason: int(counts[r]) for r in ExclusionReason if r and counts[r]}
    if extracted.malformed:
        excluded[MALFORMED] = extracted.malformed
    return Respondents(
        total=extracted.rows + extracted.malformed,
        usable=int(counts[ExclusionReason.USABLE]),
        excluded=excluded,
    )


def _row_exclusions(codes: Codes, identities: npt.NDArray[np.uint64], kind: Kind) -> Exclusions:
    """Apply the rules that need one row alone."""
    is_invalid = _count(codes, INVALID) > 0
    exclusions = np.where(is_invalid, ExclusionReason.OUT_OF_RANGE, ExclusionReason.USABLE)
    exclusions[has_too_many_missing(codes, kind)] = ExclusionReason.MISSING
    exclusions[identities == NO_ID] = ExclusionReason.NO_RESPONDENT_ID
    return exclusions.astype(np.uint8)


def has_too_many_missing(codes: Codes, kind: Kind) -> Mask:
    """Return which rows lack more than `largest_missing_share` of all items or, for ratings, more
    than half of the items of one scale: the mean of the other half would no longer stand for the
    scale (half rule, Fairclough & Cella 1996, Psychology and Health 11, 753-764)."""
    too_many = _count(codes, MISSING) / codes.shape[1] > kind.rules.largest_missing_share
    if isinstance(kind.answers, Rating):
        for items in kind.slices:
            too_many |= _count(codes[:, items], MISSING) / (items.stop - items.start) > 0.5
    return np.asarray(too_many, dtype=np.bool_)


def is_straight_lined(codes: Codes, kind: Kind) -> Mask:
    """Return for which rows the most frequent answer has a share of the answered items of
    `straight_lining_share` or more.

    An index of careless responding like the long string (Meade & Craig 2012, Psychological Methods
    17, 437-455), but independent of the items' order. With reversed items, such a row is unlikely
    to be sincere.
    """
    share = kind.rules.straight_lining_share
    if share is None or not isinstance(kind.answers, Rating):
        return np.zeros(len(codes), dtype=np.bool_)
    answers = range(kind.answers.lowest, kind.answers.highest + 1)
    counts = np.array([_count(codes, answer) for answer in answers])
    total = counts.sum(axis=0)
    return np.asarray((total > 0) & (counts.max(axis=0) >= share * total), dtype=np.bool_)


def _count(codes: Codes, code: int) -> npt.NDArray[np.uint16]:
    """Return how often each row has a code. Item by item, in bytes if they hold the number of
    items: NumPy adds these many at a time."""
    has_code = np.equal(codes.T, code).view(np.uint8)
    size = np.uint8 if len(has_code) < 256 else np.uint16
    return np.asarray(np.add.reduce(has_code, axis=0, dtype=size), dtype=np.uint16)


def _repeated(identities: npt.NDArray[np.uint64], candidates: Mask) -> npt.NDArray[np.int64]:
    """Return the indices of the candidates whose identity an earlier candidate has.

    Few identities are shared, so only those are sorted together with their indices.
    """
    in_order = np.sort(identities[candidates])
    shared = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    is_shared = pc.is_in(pa.array(identities), value_set=pa.array(shared))
    indices = np.flatnonzero(candidates & is_shared.to_numpy(zero_copy_only=False))
    _, first = np.unique(identities[indices], return_index=True)
    return np.delete(indices, first)


def _report_exclusions(
    space: Workspace, extracted: Extracted, exclusions: Exclusions, report: Report
) -> None:
    people = count_respondents(extracted, exclusions)
    for reason, count in people.excluded.items():
        details = {"count": count, "total": people.total, "reason": reason}
        message = f"{count:,} of {people.total:,} rows not used: {reason}"
        report.log(message, "warning", code="rows_not_used", details=details)
    if 2 * people.usable < people.total:
        rows = first_rejected(space, MOST_NAMED_ROWS)
        raise errors.TooManyInvalidRows(total=people.total, reasons=people.excluded, rows=rows)
