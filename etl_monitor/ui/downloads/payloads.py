"""What the browser gets of the download buttons."""

from typing import TypedDict


class DownloadLink(TypedDict):
    text: str
    href: str


class DownloadsPayload(TypedDict):
    """`note`: how far a file is or why there is none; empty: nothing to say."""

    files: list[DownloadLink]
    note: str
    isProblem: bool
