"""Test kinds: one TOML file each, no code. `docs/pipeline.md` describes the files.

A company's own folder comes first: a definition there replaces a shipped one with the same key.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.kinds.normalise import normalise_answer
from etl_monitor.plain_text import canonical
from etl_monitor.wire.result import TestKind

SHIPPED = Path(__file__).parent
ID, GROUP, TAKEN_AT = "respondent_id", "group", "taken_at"
OWN_COLUMNS = (ID, GROUP, TAKEN_AT)
"""The columns of an answer file that are not items."""

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
ItemKey = Annotated[str, Field(min_length=1, max_length=100)]
Share = Annotated[float, Field(ge=0, le=1)]
DocumentType = Literal["aptitude_summary", "personality_analysis", "skill_assessment"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(Part):
    ko: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)


class Rating(Part):
    """Agreement on a range of whole numbers."""

    form: Literal["rating"]
    lowest: int = Field(ge=-100, le=100)
    highest: int = Field(ge=-100, le=100)
    missing: tuple[str, ...] = ()  # further marks for "not answered"

    @property
    def allowed(self) -> tuple[str, ...]:
        return tuple(str(answer) for answer in range(self.lowest, self.highest + 1))

    @model_validator(mode="after")
    def _in_order(self) -> "Rating":
        if self.lowest >= self.highest:
            raise ValueError("lowest must be less than highest")
        return self


class Choice(Part):
    """One right answer among options."""

    form: Literal["choice"]
    options: tuple[str, ...] = Field(min_length=2, max_length=100)
    missing: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        return self.options

    @model_validator(mode="after")
    def _all_different(self) -> "Choice":
        if repeated := _repeated([normalise_answer(option) for option in self.options]):
            raise ValueError(f"options named twice: {', '.join(repeated)}")
        return self


class Rules(Part):
    """Limits beyond which a row is not used, as shares of the kind's items."""

    largest_missing_share: Share = 0.2
    straight_lining_share: Annotated[float, Field(gt=0.5, le=1)] | None = None  # None: not checked


class Scale(Part):
    key: Key
    names: Names
    items: tuple[ItemKey, ...] = Field(min_length=1, max_length=500)
    reversed: tuple[ItemKey, ...] = ()


class Kind(Part):
    """One test kind: items in scales, how they are answered and how they are scored."""

    key: Key
    names: Names
    source: str = ""
    documents: tuple[DocumentType, ...] = ("aptitude_summary",)
    answers: Rating | Choice = Field(discriminator="form")
    rules: Rules = Rules()
    answer_key: Mapping[ItemKey, str] = {}
    scales: tuple[Scale, ...] = Field(min_length=1, max_length=100)

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Every item, in the order of the scales: the order of the answer matrix's columns."""
        return tuple(item for scale in self.scales for item in scale.items)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """The columns of each scale's items in the answer matrix."""
        ends = [sum(len(s.items) for s in self.scales[: i + 1]) for i in range(len(self.scales))]
        return tuple(
            slice(end - len(s.items), end) for s, end in zip(self.scales, ends, strict=True)
        )

    @property
    def keyed(self) -> bool:
        """True if the items have right answers."""
        return isinstance(self.answers, Choice)

    @cached_property
    def offered(self) -> TestKind:
        """The kind as the service offers it for uploads."""
        return TestKind(
            key=self.key,
            names=self.names.model_dump(),
            columns=(ID, *self.items),
            optional_columns=(GROUP, TAKEN_AT),
            answers=self.answers.allowed,
        )

    @model_validator(mode="after")
    def _consistent(self) -> "Kind":
        for check in (_items_differ, _scales_differ, _reversed_belong, _key_fits, _rules_fit):
            check(self)
        return self


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A definition file, read once: the bytes, and the kind that they define."""

    content: bytes
    kind: Kind


def find_kind(key: str, kinds_dir: Path | None) -> Kind:
    """Return one kind. Raises PipelineError `unknown_test_kind` or `broken_definition`."""
    return find_definition(key, kinds_dir).kind


def find_definition(key: str, kinds_dir: Path | None) -> Definition:
    """Raises PipelineError `unknown_test_kind` or `broken_definition`."""
    found = _definitions(kinds_dir).get(key)
    if found is None:
        offered = [kind.key for kind in offered_kinds(kinds_dir)]
        raise errors.UnknownTestKind(test_kind=key, valid_kinds=offered)
    if isinstance(found, errors.BrokenDefinition):
        raise found
    return found


def offered_kinds(kinds_dir: Path | None) -> Sequence[TestKind]:
    """Return every kind that files can be uploaded for, the company's own first. A broken
    definition takes away its own kind only."""
    found = _definitions(kinds_dir).values()
    return tuple(each.kind.offered for each in found if isinstance(each, Definition))


def broken_definitions(kinds_dir: Path | None) -> Sequence[errors.BrokenDefinition]:
    """Return what is wrong with each definition that cannot be used."""
    found = _definitions(kinds_dir).values()
    return tuple(each for each in found if isinstance(each, errors.BrokenDefinition))


def read_definition(path: Path) -> Definition:
    """Parse one definition. Raises PipelineError `broken_definition` with the field and reason."""
    try:
        content = path.read_bytes()
        return Definition(content=content, kind=_parse(path, content))
    except OSError as error:
        raise _broken(path, error.strerror or str(error)) from None


def _definitions(kinds_dir: Path | None) -> Mapping[str, Definition | errors.BrokenDefinition]:
    """Return the definitions by key. The first file of a key counts, even if it is broken."""
    found: dict[str, Definition | errors.BrokenDefinition] = {}
    for path in (*_files(kinds_dir), *_files(SHIPPED)):
        try:
            definition = read_definition(path)
            found.setdefault(definition.kind.key, definition)
        except errors.BrokenDefinition as error:
            found.setdefault(_key_of(path), error)
    return found


def _parse(path: Path, content: bytes) -> Kind:
    try:
        return Kind.model_validate(tomllib.loads(canonical(content.decode("utf-8"))))
    except tomllib.TOMLDecodeError as error:
        raise _broken(path, str(error)) from None
    except UnicodeDecodeError as error:
        raise _broken(path, f"not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise _broken(path, "nested too deeply") from None
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        raise _broken(path, reason, field) from None


def _broken(path: Path, reason: str, field: str = "") -> errors.BrokenDefinition:
    return errors.BrokenDefinition(file=path.name, field=field, reason=reason)


def _files(folder: Path | None) -> Sequence[Path]:
    return sorted(folder.glob("*.toml")) if folder is not None else ()


def _key_of(path: Path) -> str:
    """Return a broken definition's key: the one that it names, else its file's name."""
    try:
        return str(tomllib.loads(path.read_text("utf-8")).get("key", path.stem))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError):
        return path.stem


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _items_differ(kind: Kind) -> None:
    if repeated := _repeated(kind.items):
        raise ValueError(f"items named twice: {', '.join(repeated)}")
    if invalid := [item for item in kind.items if item in OWN_COLUMNS or item != item.strip()]:
        raise ValueError(f"names that an item cannot have: {', '.join(invalid)}")


def _scales_differ(kind: Kind) -> None:
    if repeated := _repeated([scale.key for scale in kind.scales]):
        raise ValueError(f"scales named twice: {', '.join(repeated)}")


def _reversed_belong(kind: Kind) -> None:
    for scale in kind.scales:
        if unknown := sorted(set(scale.reversed) - set(scale.items)):
            names = ", ".join(unknown)
            raise ValueError(f"scale {scale.key}: reversed items that it does not have: {names}")
        if scale.reversed and kind.keyed:
            raise ValueError(f"scale {scale.key}: items with a right answer cannot be reversed")


def _key_fits(kind: Kind) -> None:
    if not isinstance(kind.answers, Choice):
        if kind.answer_key:
            raise ValueError("an answer_key belongs to answers of the form choice only")
        return
    if missing := [item for item in kind.items if item not in kind.answer_key]:
        raise ValueError(f"answer_key lacks: {', '.join(missing)}")
    if unknown := sorted(set(kind.answer_key) - set(kind.items)):
        raise ValueError(f"answer_key names items that no scale has: {', '.join(unknown)}")
    options = {normalise_answer(option) for option in kind.answers.options}
    for item, right in kind.answer_key.items():
        if normalise_answer(right) not in options:
            raise ValueError(f"answer_key of {item}: {right} is not one of the options")


def _rules_fit(kind: Kind) -> None:
    is_checked = kind.rules.straight_lining_share is not None
    if is_checked and not any(scale.reversed for scale in kind.scales):
        raise ValueError(
            "straight_lining_share needs a scale with reversed items: without them, the same "
            "answer everywhere may be sincere"
        )
