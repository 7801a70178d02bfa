"""Browser contexts that tests use one after the other.

A new context has an empty cache: each page in it would load and compile Streamlit's files again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page

# Everything that a page can store except what the browser itself keeps of files and cookies.
_STORED = (
    "file_systems,indexeddb,local_storage,websql,service_workers,cache_storage,shared_storage,"
    "storage_buckets"
)


class Contexts:
    """A context is one visitor's for as long as it is lent, and forgets this visitor afterwards."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[_Reusable]] = {}

    @contextmanager
    def lent(self, locale: str = "en-US") -> Iterator[BrowserContext]:
        """Lend a context. Set routes and scripts for a page: those of a context would stay."""
        free = self._free.setdefault(locale, [])
        lent = free.pop() if free else _Reusable(self._new(locale))
        yield lent.context
        lent.forget()
        free.append(lent)

    def _new(self, locale: str) -> BrowserContext:
        return self._browser.new_context(
            locale=locale, timezone_id="Asia/Seoul", reduced_motion="reduce"
        )


class _Reusable:
    """A context, and an empty page of it that is always open."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self._origins = set[str]()
        self._empty = context.new_page()
        self._devtools = context.new_cdp_session(self._empty)
        context.on("page", lambda page: page.on("framenavigated", self._note))

    def _note(self, frame: Frame) -> None:
        self._origins.add("{0.scheme}://{0.netloc}".format(urlsplit(frame.url)))

    def forget(self) -> None:
        """Close the pages. Nothing stays of what they stored."""
        for page in self._opened():
            page.close()
        self.context.clear_cookies()
        self.context.clear_permissions()
        for origin in self._origins:
            where = {"origin": origin, "storageTypes": _STORED}
            self._devtools.send("Storage.clearDataForOrigin", where)
        self._origins.clear()

    def _opened(self) -> list[Page]:
        return [page for page in self.context.pages if page != self._empty]
