"""The browser of the tests: Debian's Chromium; its headless shell if that is installed, which needs
about two thirds of the CPU time for the same pages."""

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
    # Another site's name that points to this machine, as in DNS rebinding. No page of any test has
    # files elsewhere, but a sign-in provider's has: they are not waited for.
    "--host-resolver-rules="
    "MAP rebound.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def chromium_path() -> str | None:
    return next((path for path in map(shutil.which, _NAMES) if path), None)
