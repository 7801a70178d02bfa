"""Read the values of Prometheus metrics."""

from collections.abc import Mapping

from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families


def values_by_label(counter: Counter) -> Mapping[tuple[str, ...], float]:
    """Return the value of each series by its label values, in the order of the labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in counter.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }


def metric_value(exposition: str, name: str, **labels: str) -> float:
    """Return the value of a series in the text of `/metrics`. Raises KeyError."""
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    raise KeyError(name)
