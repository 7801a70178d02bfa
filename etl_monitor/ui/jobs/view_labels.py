"""The fixed texts of job rows, cards and lists, which the browser's scripts draw with them."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.payloads import JobLabels, MonitorLabels
from etl_monitor.ui.widgets.payloads import ListLabels


def job_labels(t: Translator) -> JobLabels:
    return {
        "cancel": t("cancel"),
        "promote": t("promote"),
        "retry": t("retry"),
        "details": t("details"),
        "close": t("details-close"),
        "technical": t("technical-part"),
        "elapsed": t("elapsed"),
        "waiting": t("waiting-for"),
        "deadline": t("cancel-deadline"),
        "attempts": t("attempts"),
        "log": t("log"),
        "loading": t("loading"),
        "copy": t("copy-details"),
        "copyLink": t("copy-link"),
        "copied": t("copied"),
        "notCopied": t("not-copied"),
        "cancelQuestion": t("cancel-question", title="{title}"),
        "cancelConsequence": t("consequence-cancel"),
        "cancelReason": t("cancel-reason"),
        "cancelYes": t("cancel-yes"),
        "cancelNo": t("cancel-no"),
    }


def list_labels(t: Translator, show_new: str) -> ListLabels:
    """`show_new` is the text of the button that shows new rows."""
    return {
        "selected": t("selected", n="{n}"),
        "selectAll": t("select-all"),
        "selectAllOf": t("select-all-of", name="{name}"),
        "clearSelection": t("clear-selection"),
        "showNew": show_new,
        "newer": t("page-newer"),
        "older": t("page-older"),
    }


def monitor_labels(t: Translator) -> MonitorLabels:
    return {
        **job_labels(t),
        **list_labels(t, t("waiting-news", n="{n}")),
        "monitor": t("monitor"),
        "noneRunning": t("none-running"),
        "noneFinished": t("none-finished"),
        "noneFits": t("none-fits"),
        "noneFitsRunning": t("none-fits-running"),
        "noneFitsFinished": t("none-fits-finished"),
        "byStatus": t("filter-by-status"),
        "cancelSelected": t("cancel-selected"),
        "retrySelected": t("retry-selected"),
        "catchingUp": t("catching-up"),
        "stale": t("as-of", ago="{ago}"),
        "neverReceived": t("no-data-yet"),
        "shortcuts": t("shortcuts-title"),
    }
