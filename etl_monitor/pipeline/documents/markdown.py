"""Parts of a Markdown text."""

from collections.abc import Sequence

from etl_monitor.markdown import escape_markdown


def escape_line(text: str) -> str:
    """Return text from a file as one line of Markdown that shows this text."""
    return escape_markdown(" ".join(text.split()))


def heading(text: str) -> str:
    return f"### {text}"


def bullet_list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column is aligned left, the others right."""
    ruler = "|".join([" --- ", *[" ---: "] * (len(columns) - 1)])
    body = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"| {' | '.join(columns)} |\n|{ruler}|\n{body}"
