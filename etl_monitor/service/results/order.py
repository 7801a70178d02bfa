"""The order of a list of results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, select

from etl_monitor.service.storage.sql_text import without_case
from etl_monitor.service.storage.tables import tests
from etl_monitor.wire.samples import STORED_LANGUAGE, titles_in


class ResultSort(StrEnum):
    NEWEST = "newest"  # by upload
    TITLE = "title"
    PERSON = "person"
    RESPONDENTS = "respondents"  # tests without results come last
    LAST_RUN = "lastRun"  # by creation of the newest job

    @property
    def is_descending(self) -> bool:
        """The direction unless a request names one."""
        return self not in (ResultSort.TITLE, ResultSort.PERSON)


@dataclass(frozen=True, kw_only=True)
class Order:
    sort: ResultSort
    is_descending: bool
    language: str  # of the titles

    @property
    def columns(self) -> Sequence[ColumnElement[Any]]:
        """The columns to order by: then by id, so that ties do not move between pages."""
        key = self._key()
        may_be_null = self.sort in (ResultSort.RESPONDENTS, ResultSort.LAST_RUN)
        directed = key.desc() if self.is_descending else key.asc()
        return directed.nulls_last() if may_be_null else directed, tests.c.test_id

    def first(self, matches: ColumnElement[bool], most: int) -> Select[Any]:
        """Select id and newest job of the first tests that match, as many as `most`.

        An index has the stored titles. Samples, which are few, have others, and are sorted with the
        first of the other tests.
        """
        every = select(tests.c.test_id, tests.c.newest_job)
        titles = self._titles()
        if not titles:
            return every.where(matches).order_by(*self.columns).limit(most)
        is_sample = tests.c.test_id.in_(titles)
        stored = replace(self, language=STORED_LANGUAGE).first(and_(matches, ~is_sample), most)
        ids = select(stored.subquery().c.test_id).union_all(
            select(tests.c.test_id).where(matches, is_sample)
        )
        found = every.where(tests.c.test_id.in_(ids))
        return found.order_by(*self.columns).limit(most)

    def _key(self) -> ColumnElement[Any]:
        keys: Mapping[ResultSort, ColumnElement[Any]] = {
            ResultSort.NEWEST: tests.c.created_at,
            ResultSort.TITLE: without_case(self._title()),
            ResultSort.PERSON: without_case(tests.c.user_id),
            ResultSort.RESPONDENTS: tests.c.respondents,
            ResultSort.LAST_RUN: tests.c.newest_job,
        }
        return keys[self.sort]

    def _title(self) -> ColumnElement[str]:
        """Return the title as a reader of this language sees it."""
        titles = self._titles()
        return case(titles, value=tests.c.test_id, else_=tests.c.title) if titles else tests.c.title

    def _titles(self) -> Mapping[str, str]:
        """Return the titles of samples that are not the stored ones, if they matter."""
        is_stored = self.sort is not ResultSort.TITLE or self.language == STORED_LANGUAGE
        return {} if is_stored else titles_in(self.language)
