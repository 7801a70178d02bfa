"""Step 2: decide for each row whether it is scored, by the rules in `exclusion.py`."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, Codes
from etl_monitor.pipeline.answer_files.rows import FIRST_ROWS
from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.errors import BadRow
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import Kind, Rating, find_kind
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.steps.workspace import NO_ID, Extracted, Workspace
from etl_monitor.wire.statistics import Respondents

Mask = npt.NDArray[np.bool_]
ExclusionReasons = npt.NDArray[np.uint8]


@stoppable
def validate(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    """Raises PipelineError `too_many_invalid_rows` when more than half of the rows are unusable."""
    kind = find_kind(job.test_kind, job.kinds_dir)
    space = Workspace(folder=job.work_dir, kind=kind)
    extracted = space.extracted()
    identities = space.identities.column(0)
    verdicts = np.zeros(extracted.rows, dtype=np.uint8)
    straight = np.zeros(extracted.rows, dtype=np.bool_)
    done = 0
    for codes in tracked(space.answers.chunks(), extracted.rows, report, cancelled):
        part = slice(done, done + len(codes))
        verdicts[part] = _verdicts(codes, identities[part], kind)
        straight[part] = straight_lined(codes, kind)
        done += len(codes)
    verdicts[_repeated(identities, verdicts == ExclusionReason.USABLE)] = ExclusionReason.DUPLICATE
    stop_if(cancelled)
    verdicts[straight & (verdicts == ExclusionReason.USABLE)] = ExclusionReason.STRAIGHT_LINING
    stop_if(cancelled)
    space.verdicts.write(verdicts)
    _judge(space, extracted, verdicts, report)
    return None


def respondents(extracted: Extracted, verdicts: ExclusionReasons) -> Respondents:
    """Everybody in the file, by what became of them."""
    counts = np.bincount(verdicts, minlength=len(ExclusionReason))
    excluded = {v.reason: int(counts[v]) for v in ExclusionReason if v and counts[v]}
    if extracted.malformed:
        excluded[MALFORMED] = extracted.malformed
    return Respondents(
        total=extracted.rows + extracted.malformed,
        usable=int(counts[ExclusionReason.USABLE]),
        excluded=excluded,
    )


def _verdicts(codes: Codes, identities: npt.NDArray[np.uint64], kind: Kind) -> ExclusionReasons:
    """The rules that need one row alone."""
    verdicts = np.where(
        (codes == INVALID).any(axis=1), ExclusionReason.OUT_OF_RANGE, ExclusionReason.USABLE
    )
    verdicts[too_many_missing(codes, kind)] = ExclusionReason.MISSING
    verdicts[identities == NO_ID] = ExclusionReason.NO_RESPONDENT_ID
    return verdicts.astype(np.uint8)


def too_many_missing(codes: Codes, kind: Kind) -> Mask:
    """More than `largest_missing_share` of all items, or, of a rating, more than half of the items
    of one scale: the mean of the other half would no longer stand for the scale (half rule,
    Fairclough & Cella 1996, Psychology and Health 11, 753-764)."""
    missing = codes == MISSING
    many = missing.mean(axis=1) > kind.rules.largest_missing_share
    if isinstance(kind.answers, Rating):
        for part in kind.slices:
            many |= missing[:, part].mean(axis=1) > 0.5
    return np.asarray(many, dtype=np.bool_)


def straight_lined(codes: Codes, kind: Kind) -> Mask:
    """The most frequent answer's share of the answered items is `straight_lining_share` or more.

    An index of careless responding like the long string (Meade & Craig 2012, Psychological Methods
    17, 437-455), but free of the items' order. Reversed items make an honest one unlikely.
    """
    share = kind.rules.straight_lining_share
    if share is None or not isinstance(kind.answers, Rating):
        return np.zeros(len(codes), dtype=np.bool_)
    width = kind.answers.highest - kind.answers.lowest + 1
    answered = (codes != MISSING) & (codes != INVALID)
    places = codes.astype(np.int64) - kind.answers.lowest
    flat = (places + width * np.arange(len(codes))[:, np.newaxis])[answered]
    counts = np.bincount(flat, minlength=width * len(codes)).reshape(-1, width)
    total = answered.sum(axis=1)
    return np.asarray((total > 0) & (counts.max(axis=1) >= share * total), dtype=np.bool_)


def _repeated(identities: npt.NDArray[np.uint64], candidates: Mask) -> npt.NDArray[np.int64]:
    """Places of the candidates whose identity an earlier candidate has. Few identities are shared,
    so only those are put in order with their places."""
    in_order = np.sort(identities[candidates])
    shared = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    places = np.flatnonzero(candidates & np.isin(identities, shared))
    _, first = np.unique(identities[places], return_index=True)
    return np.delete(places, first)


def _judge(
    space: Workspace, extracted: Extracted, verdicts: ExclusionReasons, report: Report
) -> None:
    people = respondents(extracted, verdicts)
    for reason, count in people.excluded.items():
        told = {"count": count, "total": people.total, "reason": reason}
        message = f"{count:,} of {people.total:,} rows not used: {reason}"
        report.log(message, "warning", code="rows_not_used", details=told)
    if 2 * people.usable < people.total:
        rows = _first_bad_rows(space, extracted, verdicts)
        raise errors.TooManyInvalidRows(total=people.total, reasons=people.excluded, rows=rows)


def _first_bad_rows(
    space: Workspace, extracted: Extracted, verdicts: ExclusionReasons
) -> Sequence[BadRow]:
    places = np.flatnonzero(verdicts)[:FIRST_ROWS]
    named = [_bad_row(space, extracted, verdicts, int(place)) for place in places]
    rows = sorted([*named, *extracted.malformed_rows], key=lambda bad: bad.row)
    return rows[:FIRST_ROWS]


def _bad_row(
    space: Workspace, extracted: Extracted, verdicts: ExclusionReasons, place: int
) -> BadRow:
    row, respondent = space.respondent_at(place)
    verdict = ExclusionReason(int(verdicts[place]))
    column, value = _cell(space, extracted, verdict, place, respondent)
    return BadRow(
        row=row,
        respondent=errors.shortened(respondent),
        reason=verdict.reason,
        column=column,
        value=value,
    )


def _cell(
    space: Workspace, extracted: Extracted, verdict: ExclusionReason, place: int, respondent: str
) -> tuple[str | None, str | None]:
    """Where a person should look: a column and what it holds, or a value for the entire row."""
    if verdict is ExclusionReason.OUT_OF_RANGE:
        cell = next(cell for cell in extracted.strange_cells if cell.index == place)
        return cell.column, cell.value
    if verdict is ExclusionReason.NO_RESPONDENT_ID:
        return None, None
    if verdict is ExclusionReason.DUPLICATE:
        return "respondent_id", errors.shortened(respondent)
    codes = space.answers.row(place)
    if verdict is ExclusionReason.MISSING:
        return None, f"{int((codes == MISSING).sum())}/{len(codes)}"
    answers, counts = np.unique(codes[codes != MISSING], return_counts=True)
    return None, str(answers[counts.argmax()])
