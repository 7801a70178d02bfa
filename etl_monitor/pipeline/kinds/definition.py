"""What a test kind is, and where its definition is found: one TOML file each, no code.

The files are described in `docs/pipeline.md`. A company's own folder comes first: a definition
there with the key of a shipped one replaces it.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.kinds.normalise import normalise_answer
from etl_monitor.wire.result import TestKind

SHIPPED = Path(__file__).parent
OWN_COLUMNS = ("respondent_id", "group", "taken_at")

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
    missing: tuple[str, ...] = ()  # further marks that mean: not answered

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
        if twice := _repeated([normalise_answer(option) for option in self.options]):
            raise ValueError(f"options named twice: {', '.join(twice)}")
        return self


class Rules(Part):
    """When a row is not used. Shares are of the kind's items."""

    largest_missing_share: Share = 0.2
    straight_lining_share: Annotated[float, Field(gt=0.5, le=1)] | None = (
        None  # None: not looked at
    )


class Scale(Part):
    key: Key
    names: Names
    items: tuple[ItemKey, ...] = Field(min_length=1, max_length=500)
    reversed: tuple[ItemKey, ...] = ()


class Kind(Part):
    """One test kind: items in scales, with the way that they are answered and scored."""

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
        """Where each scale's items stand in the answer matrix."""
        ends = [sum(len(s.items) for s in self.scales[: i + 1]) for i in range(len(self.scales))]
        return tuple(
            slice(end - len(s.items), end) for s, end in zip(self.scales, ends, strict=True)
        )

    @property
    def keyed(self) -> bool:
        return isinstance(self.answers, Choice)

    @model_validator(mode="after")
    def _consistent(self) -> "Kind":
        for check in (_items_differ, _scales_differ, _reversed_belong, _key_fits, _rules_fit):
            check(self)
        return self


def find_kind(key: str, kinds_dir: Path | None) -> Kind:
    """The definition of one kind.

    Raises PipelineError `unknown_test_kind` or `broken_definition`.
    """
    for folder in (kinds_dir, SHIPPED):
        for path in _files(folder):
            if _key_of(path) == key:
                return read_kind(path)
    raise errors.UnknownTestKind(
        test_kind=key, known=[kind.key for kind in offered_kinds(kinds_dir)]
    )


def offered_kinds(kinds_dir: Path | None) -> Sequence[TestKind]:
    """Every kind that files can be uploaded for, one's own first.

    Raises PipelineError `broken_definition` for the first file that cannot be used.
    """
    kinds: dict[str, TestKind] = {}
    for path in (*_files(kinds_dir), *_files(SHIPPED)):
        kind = read_kind(path)
        if kind.key not in kinds:
            kinds[kind.key] = _offered(kind)
    return tuple(kinds.values())


def _offered(kind: Kind) -> TestKind:
    return TestKind(
        key=kind.key,
        names=kind.names.model_dump(),
        columns=("respondent_id", *kind.items),
        optional_columns=OWN_COLUMNS[1:],
        answers=kind.answers.allowed,
    )


def read_kind(path: Path) -> Kind:
    """Parse one definition. Raises PipelineError `broken_definition` with the field and reason."""
    try:
        return Kind.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise _broken(path, str(error)) from None
    except UnicodeDecodeError as error:
        raise _broken(path, f"not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise _broken(path, error.strerror or str(error)) from None
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        raise _broken(path, reason, field) from None


def _broken(path: Path, reason: str, field: str = "") -> errors.BrokenDefinition:
    return errors.BrokenDefinition(file=path.name, field=field, reason=reason)


def _files(folder: Path | None) -> Sequence[Path]:
    return sorted(folder.glob("*.toml")) if folder is not None else ()


def _key_of(path: Path) -> object:
    """A neighbour's broken file must not stop the kinds that are whole: unless its name says that
    it is the one looked for, it is passed over."""
    try:
        return tomllib.loads(path.read_text("utf-8")).get("key", path.stem)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return path.stem


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _items_differ(kind: Kind) -> None:
    if twice := _repeated(kind.items):
        raise ValueError(f"items named twice: {', '.join(twice)}")
    if taken := [item for item in kind.items if item in OWN_COLUMNS or item != item.strip()]:
        raise ValueError(f"names that an item cannot have: {', '.join(taken)}")


def _scales_differ(kind: Kind) -> None:
    if twice := _repeated([scale.key for scale in kind.scales]):
        raise ValueError(f"scales named twice: {', '.join(twice)}")


def _reversed_belong(kind: Kind) -> None:
    for scale in kind.scales:
        if strange := set(scale.reversed) - set(scale.items):
            names = ", ".join(sorted(strange))
            raise ValueError(f"scale {scale.key}: reversed items that it does not have: {names}")
        if scale.reversed and kind.keyed:
            raise ValueError(f"scale {scale.key}: items with a right answer cannot be reversed")


def _key_fits(kind: Kind) -> None:
    if not isinstance(kind.answers, Choice):
        if kind.answer_key:
            raise ValueError("an answer_key belongs to answers of the form choice only")
        return
    if without := [item for item in kind.items if item not in kind.answer_key]:
        raise ValueError(f"answer_key lacks: {', '.join(without)}")
    if strange := sorted(set(kind.answer_key) - set(kind.items)):
        raise ValueError(f"answer_key names items that no scale has: {', '.join(strange)}")
    options = {normalise_answer(option) for option in kind.answers.options}
    for item, right in kind.answer_key.items():
        if normalise_answer(right) not in options:
            raise ValueError(f"answer_key of {item}: {right} is not one of the options")


def _rules_fit(kind: Kind) -> None:
    looked_at = kind.rules.straight_lining_share is not None
    if looked_at and not any(scale.reversed for scale in kind.scales):
        raise ValueError(
            "straight_lining_share needs a scale with reversed items: without them, the same "
            "answer everywhere may be sincere"
        )
