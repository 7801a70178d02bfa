"""The fixed words that job lines, cards and lists are drawn with, by reader's language."""

from etl_monitor.i18n.translator import Translator


def job_labels(t: Translator) -> dict[str, str]:
    return {
        "cancel": t("cancel"),
        "retry": t("retry"),
        "details": t("details"),
        "close": t("details-close"),
        "technical": t("technical-part"),
        "elapsed": t("elapsed"),
        "deadline": t("cancel-deadline"),
        "attempts": t("attempts"),
        "log": t("log"),
        "loading": t("loading"),
        "copy": t("copy-details"),
        "copied": t("copied"),
        "notCopied": t("not-copied"),
    }


def monitor_labels(t: Translator) -> dict[str, str]:
    """`{n}` is filled in where it is shown."""
    return job_labels(t) | {
        "monitor": t("monitor"),
        "noneRunning": t("none-running"),
        "noneFinished": t("none-finished"),
        "noneFits": t("none-fits"),
        "noneFitsRunning": t("none-fits-running"),
        "noneFitsFinished": t("none-fits-finished"),
        "byStatus": t("filter-by-status"),
        "newer": t("page-newer"),
        "older": t("page-older"),
        "selected": t("selected", n="{n}"),
        "cancelSelected": t("cancel-selected"),
        "retrySelected": t("retry-selected"),
        "selectAll": t("select-all"),
        "selectAllOf": t("select-all-of", name="{name}"),
        "clearSelection": t("clear-selection"),
        "showNew": t("waiting-news", n="{n}"),
        "catchingUp": t("catching-up"),
        "stale": t("as-of", ago="{ago}"),
        "neverReceived": t("no-data-yet"),
        "shortcuts": t("shortcuts-title"),
    }


def results_labels(t: Translator) -> dict[str, str]:
    return job_labels(t) | {
        "reprocess": t("reprocess"),
        "results": t("page-results"),
        "uploaded": t("uploaded", ago="{ago}"),
        "selected": t("selected", n="{n}"),
        "selectAll": t("select-all"),
        "selectAllOf": t("select-all-of", name="{name}"),
        "clearSelection": t("clear-selection"),
        "showNew": t("waiting-results", n="{n}"),
        "newer": t("page-newer"),
        "older": t("page-older"),
    }
