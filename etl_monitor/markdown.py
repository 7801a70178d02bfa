"""Text that people typed, within Markdown."""

import re

from etl_monitor.plain_text import visible

_SIGNS = frozenset("\\`*_{}[]()<>#+-.!|~:$&")
# What Streamlit makes of plain text after it has read the Markdown, where escapes are gone:
# addresses become links, `:smile:` and `:material/home:` pictures, ` -> ` an arrow.
_RENDERED = re.compile(r":(?=material/|//|[\w+-]+:)|@(?=[-\w])|www(?=\.)|[-<>=~](?=[-<>=])", re.I)
_BREAK = "\u200b"  # a space without a width; browsers may break a line there


def escape_markdown(text: str) -> str:
    """Return Markdown that shows exactly `text`, on one line and without links.

    Where the renderer would make a link or a picture, an invisible sign is put between. So use
    `widgets.plain` where Markdown is not needed.
    """
    broken = _RENDERED.sub(rf"\g<0>{_BREAK}", visible(text))
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in broken)
