"""Numbers, moments and plurals as each language writes them."""

from datetime import UTC, datetime

import pytest

from etl_monitor.i18n.josa import particle
from etl_monitor.i18n.translator import Translator

MOMENT = datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)


def test_unknown_language_is_english() -> None:
    assert Translator("fr")("cancel") == "Cancel"


def test_unknown_key_is_an_error() -> None:
    with pytest.raises(LookupError):
        Translator("ko")("no-such-key")


def test_a_missing_argument_is_an_error() -> None:
    with pytest.raises(ValueError, match="job-cancel"):
        Translator("ko")("job-cancel")


def test_keys_are_found_by_their_fixed_text() -> None:
    assert Translator("ko").keys_containing("채점", "step-") == ("score",)
    assert Translator("en").keys_containing("SCOR", "step-") == ("score",)
    assert Translator("en").keys_containing("is empty", "error-") == ("empty_file",)
    assert Translator("ko").keys_containing("3행", "error-") == (), (
        "only words that are always there"
    )
    assert Translator("ko").keys_containing("role", "error-") == (), (
        "nor names of what it is made with"
    )


def test_times_are_in_the_readers_time_zone() -> None:
    assert Translator("ko", "Asia/Seoul").date_time(MOMENT) == "2026. 3. 5. 15:07:08"
    assert "6:07:08" in Translator("en", "No/Such_Zone").date_time(MOMENT)
    assert Translator("en").date_time(None) == ""


def test_plurals() -> None:
    assert Translator("en")("respondents", n=1) == "1 respondent"
    assert Translator("en")("respondents", n=1200) == "1,200 respondents"
    assert Translator("ko")("respondents", n=1200) == "응시자 1,200명"


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (-1, "<0.1 sec", "<0.1초"),
        (0.04, "<0.1 sec", "<0.1초"),
        (2.3, "2.3 sec", "2.3초"),
        (12, "12 sec", "12초"),
        (59.96, "1 min", "1분"),
        (61.4, "1 min 1 sec", "1분 1초"),
        (3412.5, "56 min 52 sec", "56분 52초"),
        (3599.9, "59 min 59 sec", "59분 59초"),
        (4020, "1 hr 7 min", "1시간 7분"),
        (86_399, "23 hr 59 min", "23시간 59분"),
        (200_000, "2 days 7 hr", "2일 7시간"),
    ],
)
def test_durations_have_their_two_largest_units(seconds: float, english: str, korean: str) -> None:
    assert Translator("en").duration(seconds) == english
    assert Translator("ko").duration(seconds) == korean


def test_names_fall_back() -> None:
    assert Translator("ko").pick({"ko": "외향성", "en": "Extraversion"}) == "외향성"
    assert Translator("ko").pick({"en": "Extraversion"}) == "Extraversion"
    assert Translator("ko").pick({}, "EXT") == "EXT"


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("결과", "을/를", "결과를"),
        ("작업", "을/를", "작업을"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("3", "을/를", "3을"),
        ("2", "을/를", "2를"),
        ("7", "으로/로", "7로"),
        ("4f2a", "을/를", "4f2a를"),
        ("#!", "을/를", "#!을(를)"),
    ],
)
def test_particles(word: str, pair: str, expected: str) -> None:
    assert particle(word, pair) == expected
