"""Load the pipeline that `ETL_MONITOR_PIPELINE` names."""

import importlib

from etl_monitor.errors import SettingError
from etl_monitor.pipeline.base import Pipeline


def load_pipeline(name: str) -> Pipeline:
    """Load a pipeline by its import path, `package.module:NAME`.

    Raises SettingError if that is not a Pipeline with steps.
    """
    module, _, attribute = name.partition(":")
    try:
        pipeline = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a module can fail in any way when it is imported
        raise _unusable(name, f"{type(error).__name__}: {error}") from error
    if not isinstance(pipeline, Pipeline) or not pipeline.steps:
        raise _unusable(name, "it is not a Pipeline with steps")
    return pipeline


def _unusable(name: str, reason: str) -> SettingError:
    reason = " ".join(reason.split())
    details = {"variable": "ETL_MONITOR_PIPELINE", "value": name, "allowed": "package.module:NAME"}
    return SettingError(
        "setting_invalid",
        f"ETL_MONITOR_PIPELINE={name} cannot be used ({reason}); allowed: the import path of a "
        "Pipeline, as package.module:NAME.",
        details,
    )
