"""Event loops that use no descriptors until they run.

Streamlit makes one for every open page, three descriptors each, in case that a page's script wants
it. No script of ours does.
"""

import asyncio
import selectors
import sys
import warnings


def install() -> None:
    """Make all further event loops of this process like this. Does nothing on Windows."""
    if sys.platform == "win32":
        return
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of Python 3.14
        asyncio.set_event_loop_policy(_Policy())


if sys.platform != "win32":

    class _Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self) -> asyncio.AbstractEventLoop:
            return _IdleLoop()

    class _IdleLoop(asyncio.SelectorEventLoop):
        def __init__(self) -> None:
            self._ssock = self._csock = None
            self._has_begun = False
            super().__init__(selectors.PollSelector())  # epoll would be a descriptor

        def run_forever(self) -> None:
            if not self._has_begun:
                self._has_begun = True
                self._make_self_pipe()
            super().run_forever()

        def _make_self_pipe(self) -> None:
            """Called by the constructor too, which is before it is needed."""
            if self._has_begun:
                super()._make_self_pipe()  # type: ignore[misc]

        def _close_self_pipe(self) -> None:
            if self._has_begun:
                super()._close_self_pipe()  # type: ignore[misc]
