"""The licences of what `requirements.txt` installs, as `make licences` lists them."""

import re

import pytest

from tests.support import runtime_packages
from tests.support.runtime_packages import installed, licence

PERMISSIVE = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|Zlib|CC0|Unlicense")
# Its files may be used beside any others; changes of them must be published.
ALSO_ALLOWED = {"certifi": "Mozilla Public License 2.0 (MPL 2.0)"}


@pytest.mark.parametrize("name", sorted(installed()))
def test_a_package_may_be_used_by_everyone(name: str) -> None:
    stated = licence(installed()[name])
    assert stated, "it states no licence"
    assert all(map(PERMISSIVE.search, re.split(" AND | OR ", stated))) or (
        ALSO_ALLOWED.get(name) == stated
    )


def test_the_list_has_every_package(capsys: pytest.CaptureFixture[str]) -> None:
    runtime_packages.main()
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == sorted(installed())
    assert {"streamlit", "fastapi", "starlette"} <= set(listed)
