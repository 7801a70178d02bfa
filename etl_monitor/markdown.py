"""Text that people typed, within Markdown."""

_SIGNS = frozenset("\\`*_{}[]()<>#+-.!|~:$&")


def escape_markdown(text: str) -> str:
    """Return Markdown that shows exactly `text`."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in text)
