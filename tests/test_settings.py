"""Settings: reading, errors in one line, documentation."""

from pathlib import Path

import pytest

from etl_monitor import settings
from etl_monitor.errors import SettingError

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.PREFIX + name.upper(), raising=False)


def test_defaults_need_no_environment() -> None:
    loaded = settings.load()
    assert loaded.reconnect_interval == 5.0
    assert loaded.max_reconnect_attempts == 5
    assert loaded.live_updates == "push"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_URL", "localhost:8000"),
        ("RECONNECT_INTERVAL", "soon"),
        ("RECONNECT_INTERVAL", "0"),
        ("MAX_RECONNECT_ATTEMPTS", "-1"),
        ("LIVE_UPDATES", "sometimes"),
        ("LANGUAGE", "fr"),
        ("PIPELINE", "no-colon"),
        ("WORKERS", "0"),
        ("UPLOAD_LIMIT_MB", "lots"),
        ("FEED_HEARTBEAT", "0"),
        ("FEED_MAX_EVENT_KB", "1"),
        ("STORE_MB", "0"),
        ("KINDS_DIR", "no/such/folder"),
        ("KINDS_DIR", __file__),
    ],
)
def test_unusable_value_is_one_line_with_name_and_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PREFIX + name, value)
    with pytest.raises(SettingError) as caught:
        settings.load()
    assert f"ETL_MONITOR_{name}={value}" in caught.value.message
    assert "allowed" in caught.value.message
    assert "\n" not in caught.value.message


A_NUMBER, AN_ADDRESS = "a number above 0 to 3,600", "an address such as https://etl.example.com"
PAIRS = "pairs such as etl-team=operator"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("RECONNECT_INTERVAL", "abc", A_NUMBER),
        ("RECONNECT_INTERVAL", "0", A_NUMBER),
        ("RECONNECT_INTERVAL", "nan", A_NUMBER),
        ("HUNG_AFTER", "0", "a number from 1 to 86,400"),
        ("WORKERS", "many", "a whole number from 1 to 256"),
        ("WORKERS", "1.5", "a whole number from 1 to 256"),
        ("WORKERS", "257", "a whole number from 1 to 256"),
        ("SAMPLES", "maybe", "true or false"),
        ("LIVE_UPDATES", "x", "push or poll"),
        ("LANGUAGE", "fr", "auto, ko or en"),
        ("PIPELINE", "x", "package.module:NAME"),
        ("ROLE_MAP", "etl-team", PAIRS),
        ("ROLE_MAP", "etl-team=boss", PAIRS),
        ("ROLE_MAP", "=admin", PAIRS),
        ("ROLE_MAP", "a=admin,,b=viewer", PAIRS),
        ("ALLOWED_HOSTS", "http://etl.example.com", "host names"),
        ("ALLOWED_HOSTS", "a b", "host names"),
        ("ALLOWED_HOSTS", "etl.example.com:443", "host names"),
        ("ALLOWED_HOSTS", "*", "host names"),
        ("ALLOWED_HOSTS", "a,*.*", "host names"),
        ("KIND_LIMITS", "big_five_50", "pairs such as big_five_50=2"),
        ("KIND_LIMITS", "big_five_50=0", "pairs such as big_five_50=2, with a number from 1 to"),
        ("KIND_LIMITS", "a=1,=2", "pairs such as big_five_50=2"),
        ("STATUS_MAP", "x=gone", "pairs such as ARCHIVED=completed"),
        ("KINDS_DIR", "no/such", "a folder that is there"),
        ("API_URL", "http://[", AN_ADDRESS),
        ("API_URL", "http://host:abc", AN_ADDRESS),
        ("API_URL", "http://host:99999", AN_ADDRESS),
        ("API_URL", "http://host:0", AN_ADDRESS),
        ("API_URL", "http://a host", AN_ADDRESS),
        ("API_URL", "http://", AN_ADDRESS),
        ("API_URL", "http://:80", AN_ADDRESS),
        ("API_URL", "ftp://host", AN_ADDRESS),
    ],
)
def test_the_message_names_the_allowed_values(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PREFIX + name, value)
    with pytest.raises(SettingError) as caught:
        settings.load()
    begin = f"ETL_MONITOR_{name}={value} cannot be used; allowed: {allowed}"
    assert caught.value.message.startswith(begin)
    assert caught.value.details["allowed"].startswith(allowed)
    assert "Input" not in caught.value.message


FREE_TEXTS = {"data_dir", "name_claim", "role_claim"}  # any value is allowed


@pytest.mark.parametrize("name", sorted(settings.Settings.model_fields.keys() - FREE_TEXTS))
def test_the_message_of_any_invalid_value_is_one_line(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PREFIX + name.upper(), "a\nb")
    with pytest.raises(SettingError, match=f"^{settings.PREFIX}{name.upper()}=") as caught:
        settings.load()
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("token", ["a\nb", "a\x7fb", "  ", "\t"])
def test_a_token_that_no_header_can_carry(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_API_TOKEN", token)
    with pytest.raises(SettingError) as caught:
        settings.load()
    assert caught.value.message == (
        "ETL_MONITOR_API_TOKEN=*** cannot be used; allowed: one line of text, without control "
        "characters."
    )


def test_blanks_around_address_and_token_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_API_URL", " http://host:8000/ ")
    monkeypatch.setenv("ETL_MONITOR_API_TOKEN", " s3cret\n")
    loaded = settings.load()
    assert loaded.api_token is not None
    assert (loaded.api_url, loaded.api_token.get_secret_value()) == ("http://host:8000", "s3cret")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "DATABASE_URL",
            "mysql://etl:s3cret@db/etl",
            "ETL_MONITOR_DATABASE_URL=mysql://***@db/etl cannot be used; allowed: an address such "
            "as postgresql+psycopg://etl:PASSWORD@db.example.com/etl.",
        ),
        (
            "BROKER_URL",
            "kafka://etl:s3cret@mq",
            "ETL_MONITOR_BROKER_URL=kafka://***@mq cannot be used; allowed: an address such as "
            "redis://:PASSWORD@mq.example.com:6379/0 or amqp://etl:PASSWORD@mq.example.com:5672/etl.",
        ),
    ],
)
def test_the_address_of_another_kind_of_server_is_refused(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PREFIX + name, value)
    with pytest.raises(SettingError) as caught:
        settings.load()
    assert str(caught.value) == message


def test_the_addresses_of_database_and_broker_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_DATABASE_URL", "postgresql+psycopg://etl:s3cret@db/etl")
    monkeypatch.setenv("ETL_MONITOR_BROKER_URL", "redis://:s3cret@mq:6379/0")
    assert "s3cret" not in repr(settings.load())


def test_a_password_in_an_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_API_URL", "http://kim:s3cret@host:abc")
    with pytest.raises(SettingError, match=r"http://\*\*\*@host:abc") as caught:
        settings.load()
    assert "s3cret" not in str(caught.value) + repr(caught.value.details)


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("s3://etl-files", "s3://etl-files"),
        (" s3://etl-files/production/a_b.c/ ", "s3://etl-files/production/a_b.c"),
        ("file:///srv/etl-files/", "file:///srv/etl-files"),
        ("file:///srv/답안%20files", "file:///srv/답안%20files"),
    ],
)
def test_the_storage_is_a_bucket_or_a_folder(
    url: str, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ETL_MONITOR_STORAGE_URL", url)
    assert settings.load().storage_url == stored


@pytest.mark.parametrize(
    "url",
    [
        *("s3://", "s3:///prefix", "s3://Etl-Files", "s3://etl-files/../other?x", "gs://etl-files"),
        *("file://", "file:///", "file://server/share", "/srv/etl-files", "etl-files"),
        *(
            "s3://KEY:s3cret@etl-files",
            "s3://KEY:a/s3cret+b@etl-files",
            "s3://etl-files?aws_secret_access_key=s3cret",
        ),
    ],
)
def test_another_storage_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_STORAGE_URL", url)
    with pytest.raises(SettingError) as caught:
        settings.load()
    allowed = "an address such as s3://BUCKET/PREFIX or file:///srv/etl-files, without credentials"
    assert caught.value.details["allowed"].startswith(allowed)
    assert "s3cret" not in str(caught.value) + repr(caught.value.details)


def test_a_misspelt_name_is_rejected_with_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_LANGAUGE", "ko")
    with pytest.raises(SettingError, match="did you mean ETL_MONITOR_LANGUAGE"):
        settings.load()


def test_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_API_TOKEN", "s3cret")
    assert "s3cret" not in repr(settings.load())


@pytest.mark.parametrize("document", ["docs/settings.md", "README.md"])
@pytest.mark.parametrize("name", sorted(settings.Settings.model_fields))
def test_each_setting_is_documented_with_its_default(document: str, name: str) -> None:
    """Each setting has a row with its variable, its default and its docstring."""
    field = settings.Settings.model_fields[name]
    rows = (ROOT / document).read_text(encoding="utf-8").splitlines()
    row = next((r for r in rows if r.startswith(f"| `{settings.PREFIX}{name.upper()}`")), None)
    assert row is not None, f"{name} is not in {document}"
    shown = "unset" if field.default is None else str(field.default)
    assert f"`{shown}`" in row or shown in row
    assert " ".join((field.description or "?").removesuffix(".").split()) in row


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "'none'",
        "intranet.example.com",
        "https://a.example/path",
        "https://a.example;x",
        "https://",
    ],
)
def test_only_origins_may_frame_the_portal(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_FRAME_ANCESTORS", value)
    with pytest.raises(SettingError, match="origins with scheme"):
        settings.load()


def test_in_another_app_an_unknown_variable_is_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(settings, "_logged", set())
    monkeypatch.setattr(settings._log, "warning", warnings.append)
    monkeypatch.setenv("ETL_MONITOR_HOME", "/opt/etl")
    monkeypatch.setenv("ETL_MONITOR_STORE_JOBS", "7")
    with pytest.raises(SettingError, match="ETL_MONITOR_HOME is not a setting"):
        settings.load()
    for _ in range(2):
        assert settings.load_in_another_app().store_jobs == 7
    (warning,) = warnings
    assert "ETL_MONITOR_HOME is not a setting" in warning


def test_in_another_app_an_unusable_value_is_still_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ETL_MONITOR_STORE_JOBS", "many")
    with pytest.raises(SettingError, match="ETL_MONITOR_STORE_JOBS=many"):
        settings.load_in_another_app()
