"""The reasons for which a respondent's row is not used."""

from enum import IntEnum


class ExclusionReason(IntEnum):
    """Whether a row is used, stored as one byte. The reason is the first rule, in this order, that
    applies."""

    USABLE = 0
    NO_RESPONDENT_ID = 1  # a score would belong to no respondent
    MISSING = 2  # too many unanswered items
    OUT_OF_RANGE = 3  # an answer that is not one of the kind's
    DUPLICATE = 4  # an earlier row, not excluded by the rules above, has the same respondent_id
    STRAIGHT_LINING = 5  # the same answer to nearly every item of a scale with reversed items

    @property
    def reason(self) -> str:
        """The reason's name in `Respondents.excluded` and in error details."""
        return self.name.lower()


MALFORMED = "malformed"
"""A row of a CSV file with too many or too few fields. Counted, but never read as a respondent."""
