"""Column types that SQLite and PostgreSQL read alike, and that no damaged value breaks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, TypeDecorator


@dataclass(frozen=True)
class Unreadable:
    """Stands for a stored value that is not of its column's type. No record accepts it."""

    text: str

    def __str__(self) -> str:
        return self.text


class _Lenient(TypeDecorator[Any]):
    """A value that cannot be read is `Unreadable`, and not the end of the whole query."""

    __abstract__ = True

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any] | None:
        process = super().result_processor(dialect, coltype)
        if process is None:
            return None

        def read(value: Any) -> Any:
            try:
                return process(value)
            except (ValueError, TypeError, AttributeError):
                return Unreadable(str(value))

        return read


class Json(_Lenient):
    """JSON; None is NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class UtcTime(_Lenient):
    """Time-zone-aware UTC in Python, whatever the database stores."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value  # type: ignore[no-any-return]
        return value.replace(tzinfo=UTC)  # type: ignore[no-any-return]


# SQLite autoincrements only INTEGER keys; PostgreSQL needs BIGINT for large ones.
GrowingKey = BigInteger().with_variant(Integer, "sqlite")
