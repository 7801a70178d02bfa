"""What the browser gets of the download buttons."""

from typing import TypedDict


class DownloadLink(TypedDict):
    text: str
    href: str


class DownloadsPayload(TypedDict):
    """`what`: what the files hold, if the page around does not say it; else empty. `note`: how far
    a file is or why there is none; empty: nothing to say."""

    what: str
    files: list[DownloadLink]
    note: str
    isProblem: bool
