"""The browser that the tests drive: Debian's Chromium, without windows of its own where it can be
had so (about two thirds of the work for the same pages)."""

import shutil

_NAMES = ("chromium-headless-shell", "chromium", "google-chrome")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    return next((path for path in map(shutil.which, _NAMES) if path), None)
