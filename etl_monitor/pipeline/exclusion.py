"""Why a respondent's row is not used. The order is the order in which the rules are applied."""

from enum import IntEnum


class ExclusionReason(IntEnum):
    """A row counts under the first that applies. Stored as one byte a row."""

    USABLE = 0
    NO_RESPONDENT_ID = 1  # nobody to whom a score would belong
    MISSING = 2  # too many unanswered items
    OUT_OF_RANGE = 3  # an answer that the kind does not have
    DUPLICATE = 4  # an earlier row, not excluded by the rules above, has the same respondent_id
    STRAIGHT_LINING = 5  # the same answer to nearly every item of a scale with reversed items

    @property
    def reason(self) -> str:
        """The word in `Respondents.excluded` and in error details."""
        return self.name.lower()


MALFORMED = "malformed"
"""Rows of a CSV file with too many or too few fields: counted, but without a respondent."""
