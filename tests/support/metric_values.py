"""Read the values of a Prometheus counter."""

from collections.abc import Mapping

from prometheus_client import Counter


def values_by_label(counter: Counter) -> Mapping[tuple[str, ...], float]:
    """Return the value of each series by its label values, in the order of the labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in counter.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
