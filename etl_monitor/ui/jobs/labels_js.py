"""The fixed words that job lines, cards and lists are drawn with, by reader's language."""

from etl_monitor.i18n import Texts


def job_words(texts: Texts) -> dict[str, str]:
    return {
        "cancel": texts("cancel"),
        "retry": texts("retry"),
        "details": texts("details"),
        "close": texts("details-close"),
        "technical": texts("technical-part"),
        "elapsed": texts("elapsed"),
        "deadline": texts("cancel-deadline"),
        "family": texts("attempts"),
        "log": texts("log"),
        "loading": texts("loading"),
        "copy": texts("copy-details"),
        "copied": texts("copied"),
        "notCopied": texts("not-copied"),
    }


def monitor_words(texts: Texts) -> dict[str, str]:
    """`{n}` is filled in where it is shown."""
    return job_words(texts) | {
        "monitor": texts("monitor"),
        "noneRunning": texts("none-running"),
        "noneFinished": texts("none-finished"),
        "noneFits": texts("none-fits"),
        "noneFitsRunning": texts("none-fits-running"),
        "noneFitsFinished": texts("none-fits-finished"),
        "byStatus": texts("filter-by-status"),
        "newer": texts("page-newer"),
        "older": texts("page-older"),
        "selected": texts("selected", n="{n}"),
        "cancelSelected": texts("cancel-selected"),
        "retrySelected": texts("retry-selected"),
        "selectAll": texts("select-all"),
        "selectAllOf": texts("select-all-of", name="{name}"),
        "clearSelection": texts("clear-selection"),
        "waitingNews": texts("waiting-news", n="{n}"),
        "catching_up": texts("catching-up"),
        "stale": texts("as-of", ago="{ago}"),
        "neverHeard": texts("never-heard"),
        "shortcuts": texts("shortcuts-title"),
    }


def results_words(texts: Texts) -> dict[str, str]:
    return job_words(texts) | {
        "reprocess": texts("reprocess"),
        "results": texts("page-results"),
        "uploaded": texts("uploaded", ago="{ago}"),
        "selected": texts("selected", n="{n}"),
        "selectAll": texts("select-all"),
        "selectAllOf": texts("select-all-of", name="{name}"),
        "clearSelection": texts("clear-selection"),
        "waitingNews": texts("waiting-results", n="{n}"),
        "newer": texts("page-newer"),
        "older": texts("page-older"),
    }
