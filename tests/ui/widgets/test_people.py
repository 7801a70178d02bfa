"""Names of people, and of the service itself."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.people import person_name


def test_the_services_own_name_is_in_the_readers_language() -> None:
    assert person_name("system", Translator("ko")) == "시스템"
    assert person_name("system", Translator("en")) == "the service"


def test_a_persons_name_stays() -> None:
    assert person_name("kim.minji", Translator("ko")) == "kim.minji"
    assert person_name(None, Translator("ko")) == ""
