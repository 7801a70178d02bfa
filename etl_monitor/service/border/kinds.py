"""The test kinds that a pipeline offers, and its check of a file before it is accepted."""

import logging
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NoReturn

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import Pipeline, TestKind
from etl_monitor.service import errors
from etl_monitor.service.border.handover import plain_error
from etl_monitor.service.border.values import plain_text, type_name

_MOST_KINDS = 1000

_log = logging.getLogger(__name__)
_logged: set[str] = set()  # problems, each of them once


def offered_kinds(pipeline: Pipeline, kinds_dir: Path | None) -> Sequence[TestKind]:
    """Raises PipelineError if the pipeline cannot say which kinds it has."""
    try:
        kinds = tuple(islice(pipeline.kinds(kinds_dir), _MOST_KINDS))
        return tuple(TestKind.model_validate(kind.model_dump()) for kind in kinds)
    except BaseException as error:  # noqa: BLE001  # foreign code may raise anything
        _raise_plain(error, "kinds")


def kind_problems(pipeline: Pipeline, kinds_dir: Path | None) -> Sequence[str]:
    """Return what is wrong with definitions of test kinds. Each is logged when it is first seen."""
    try:
        problems = tuple(islice(pipeline.problems(kinds_dir), _MOST_KINDS))
        messages = [plain_error(problem).message for problem in problems]
    except BaseException as error:  # noqa: BLE001
        messages = [f"{type_name(error)}: {plain_text(error, 200)}"]
    for message in messages:
        if message not in _logged:
            _log.warning("test_kind_broken", extra={"problem": message})
    _logged.clear()
    _logged.update(messages)
    return messages


def check_file(pipeline: Pipeline, source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    """Raises PipelineError, plain, if the pipeline rejects the file."""
    try:
        pipeline.check(source, test_kind, kinds_dir)
    except BaseException as error:  # noqa: BLE001
        _raise_plain(error, "check")


def _raise_plain(error: BaseException, part: str) -> NoReturn:
    if isinstance(error, PipelineError):
        raise plain_error(error) from error
    _log.error("pipeline_failed", extra={"part": part}, exc_info=error)
    problem = f"{type_name(error)}: {plain_text(error, 200)}"
    raise errors.UnusableHandover(step=part, part=f"Pipeline.{part}", problem=problem) from error
