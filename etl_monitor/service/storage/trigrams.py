"""SQLite's indexes of trigrams: full-text tables of one text for each row, its fields ended by line
feeds.

A word of three characters or more is looked up as a phrase. A shorter one, such as most Korean
words, has no trigram: it stands for all the indexed trigrams that begin with it.
"""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    TableClause,
    and_,
    column,
    func,
    literal,
    select,
    table,
)

_TRIGRAM = 3  # characters
_LAST = "\U0010ffff"  # sorts behind every other character
_NO_TRIGRAM = '"\x01\x01\x01"'  # a phrase that no text has


class TrigramIndex:
    """`rowid` is the number of the row that has the text."""

    def __init__(self, name: str) -> None:
        self.table: TableClause = table(name, column(name), column("rowid"))
        self.rowid: ColumnElement[int] = self.table.c.rowid
        self._texts = self.table.c[name]
        self._trigrams = table(f"{name}_trigrams", column("term"))

    def has_words(self, terms: Sequence[str], tx: Connection | None = None) -> ColumnElement[bool]:
        """Return the condition on the index that a text has each of the words, at least one.

        With `tx` the trigrams of short words are looked up now, once for many queries.
        """
        query = self._phrases(terms[0])
        for word in terms[1:]:
            query = query + " AND " + self._phrases(word)
        if tx is not None:
            query = literal(tx.execute(select(query)).scalar_one())
        return self._texts.op("MATCH", is_comparison=True)(query)

    def _phrases(self, word: str) -> ColumnElement[str]:
        """Return the part of the full-text query that stands for a word."""
        if len(word) >= _TRIGRAM:
            return literal('"' + word.replace('"', '""') + '"')
        term = self._trigrams.c.term
        quoted = literal('"') + func.replace(term, '"', '""') + '"'
        begins = and_(term >= word, term < word + _LAST)
        query = select(func.group_concat(quoted, " OR ")).where(begins).scalar_subquery()
        return literal("(") + func.coalesce(query, _NO_TRIGRAM) + ")"
