"""What a step hands over, as the service stores it: reports, log lines, errors and the outcome.

Each function returns plain values or raises `UnusableHandover`, which names the step and the part.
"""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import REJECTED_ROWS, Document, Outcome
from etl_monitor.service import errors
from etl_monitor.service.border.numbers import UnusableNumber, real_number, whole_number
from etl_monitor.service.border.statistics import UnusableStatistics, plain_statistics
from etl_monitor.service.border.table_file import UnusableTable, usable_table
from etl_monitor.service.border.values import plain_details, plain_text, type_name
from etl_monitor.service.storage.clock import now
from etl_monitor.wire.job import LogLine

LEVELS = ("info", "warning", "error")
MOST_ROWS = 2**53 - 1  # the largest whole number that browsers read exactly
MOST_RESPONDENTS = 2**31 - 1  # the largest one in the database's column
MOST_DOCUMENTS = 100
_LONGEST_CODE = 100  # characters
_LONGEST_SUMMARY = 2_000
_LONGEST_CONTENT = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What one step hands over."""

    step: str

    def rows(self, done: Any, total: Any) -> tuple[int, int | None]:
        """Return the rows of a progress report. A total of None is unknown, as is one that is
        negative, NaN or infinite."""
        with self._part("report(rows_done, rows_total)"):
            count = whole_number(done, MOST_ROWS)
            row_count = 0 if total is None else real_number(total)
            if total is None or not math.isfinite(row_count) or row_count < 0:
                return count, None
            return min(count, int(row_count)), whole_number(row_count, MOST_ROWS)

    def outcome(self, outcome: object, work_dir: Path) -> Outcome:
        if not isinstance(outcome, Outcome):
            raise self._unusable("as its result", f"it is {type_name(outcome)}, not an Outcome")
        return Outcome(
            respondents=self._respondents(outcome),
            documents=self._documents(outcome),
            statistics=self._statistics(outcome),
            scores=self._scores(outcome, work_dir),
        )

    def rejected_rows(self, work_dir: Path) -> Path | None:
        """Return the file of the rows that are not scored, if the steps wrote one."""
        with self._part(REJECTED_ROWS):
            is_there = os.path.lexists(work_dir / REJECTED_ROWS)
            return usable_table(REJECTED_ROWS, work_dir) if is_there else None

    def _respondents(self, outcome: Outcome) -> int:
        with self._part("Outcome.respondents"):
            respondents: Any = outcome.respondents
            number = real_number(respondents)
            if not 0 <= number <= MOST_RESPONDENTS or number != int(number):
                raise UnusableNumber(f"{plain_text(respondents, 50)} is not a number of people")
            return int(number)

    def _documents(self, outcome: Outcome) -> Sequence[Document]:
        part = "Outcome.documents"
        with self._part(part):
            listed = tuple(islice(outcome.documents, MOST_DOCUMENTS + 1))
        if len(listed) > MOST_DOCUMENTS:
            raise self._unusable(part, f"there are more than {MOST_DOCUMENTS}")
        return [self._document(document, number) for number, document in enumerate(listed)]

    def _document(self, document: object, number: int) -> Document:
        part = f"Outcome.documents[{number}]"
        if not isinstance(document, Document):
            raise self._unusable(part, f"it is {type_name(document)}, not a Document")
        with self._part(part):
            content = self._texts(document.content, f"{part}.content", _LONGEST_CONTENT)
            summary = self._texts(document.summary, f"{part}.summary", _LONGEST_SUMMARY)
            kind = plain_text(document.type, _LONGEST_CODE)
        any_summary = next(iter(summary.values()), "")
        return Document(
            type=kind,
            summary={name: summary.get(name, any_summary) for name in content},
            content=content,
        )

    def _texts(self, by_language: Any, part: str, longest: int) -> dict[str, str]:
        if not isinstance(by_language, Mapping):
            raise self._unusable(part, f"it is {type_name(by_language)}, not texts by language")
        with self._part(part):
            plain = {
                plain_text(name, 16): plain_text(text, longest + 1)
                for name, text in islice(by_language.items(), MOST_DOCUMENTS)
            }
        if any(len(text) > longest for text in plain.values()):
            raise self._unusable(part, f"a text is longer than {longest:,} characters")
        return plain

    def _statistics(self, outcome: Outcome) -> Any:
        with self._part("Outcome.statistics"):
            statistics = outcome.statistics
            return None if statistics is None else plain_statistics(statistics)

    def _scores(self, outcome: Outcome, work_dir: Path) -> Path | None:
        with self._part("Outcome.scores"):
            scores = outcome.scores
            return None if scores is None else usable_table(scores, work_dir)

    @contextmanager
    def _part(self, part: str) -> Iterator[None]:
        try:
            yield
        except (UnusableNumber, UnusableStatistics, UnusableTable) as error:
            raise self._unusable(part, str(error)) from None
        except PipelineError:
            raise
        except Exception as error:  # noqa: BLE001  # a foreign object's attributes are foreign code
            raise self._unusable(part, f"{type_name(error)}: {plain_text(error, 200)}") from None

    def _unusable(self, part: str, reason: str) -> errors.UnusableHandover:
        return errors.UnusableHandover(step=self.step, part=part, problem=reason)


def plain_log_line(message: object, level: object, code: object, details: object) -> LogLine:
    """Return the line. Whatever cannot be read becomes a text that says so."""
    level = plain_text(level, 20)
    return LogLine(
        at=now(),
        level=level if level in LEVELS else "info",
        message=plain_text(message),
        code=None if code is None else plain_text(code, _LONGEST_CODE) or None,
        details=plain_details(details) or None,
    )


def plain_error(error: PipelineError) -> PipelineError:
    """Return the error with plain code, message and details, which a company's own class of errors
    may lack."""
    code, message = _attribute(error, "code"), _attribute(error, "message")
    return PipelineError(
        plain_text(code, _LONGEST_CODE) if isinstance(code, str) and code else "pipeline_error",
        plain_text(error if message is None else message),
        plain_details(_attribute(error, "details")),
    )


def _attribute(error: object, name: str) -> object:
    try:
        return getattr(error, name, None)
    except Exception:  # noqa: BLE001  # a property may be foreign code
        return None
