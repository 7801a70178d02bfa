"""What people typed, where Streamlit expects Markdown."""

_SIGNS = frozenset("\\`*_{}[]()<>#+-.!|~:$&")


def escape_markdown(text: str) -> str:
    """`text` so that Markdown shows it as it is: a title may hold anything."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in text)
