"""Which encoding a file has, and where reading it fails."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.answer_files import encoding
from etl_monitor.pipeline.answer_files.encoding import decode_head, read_lines, survey


def surveyed(path: Path) -> encoding.Survey:
    return survey(path, lambda: None)


@pytest.mark.parametrize("name", ["utf-8", "cp949"])
def test_characters_cut_by_a_block_are_decoded(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "BLOCK_BYTES", 7)
    path = tmp_path / "a.csv"
    path.write_bytes("가나다라마바사,1\n똠방각하,2\n".encode(name))
    assert surveyed(path) == encoding.Survey(encoding=name, lines=2)


def test_ascii_and_marks_are_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b\r\n1,2")
    assert surveyed(path) == encoding.Survey(encoding="utf-8", lines=2)


@pytest.mark.parametrize("block", [3, 10, 1000])
@pytest.mark.parametrize("name", ["utf-8", "cp949"])
def test_the_error_has_the_line_and_byte_that_cannot_be_decoded(
    tmp_path: Path, name: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "BLOCK_BYTES", block)
    good = "이름,점수\n홍길동,3\n".encode(name)
    path = tmp_path / "a.csv"
    path.write_bytes(good + b"\xff\xff,1\n")
    with pytest.raises(PipelineError) as caught:
        surveyed(path)
    assert caught.value.code == "unknown_encoding"
    assert caught.value.details == {"line": 3, "byte": len(good)}


@pytest.mark.parametrize("name", ["utf-8", "cp949"])
def test_the_head_may_end_inside_a_character(name: str) -> None:
    assert decode_head("가나".encode(name)[:-1]) == (name, "가")


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding_or_a_code(content: bytes) -> None:
    try:
        decode_head(content)
    except PipelineError as error:
        code = error.code
        assert code in {"unknown_encoding", "binary_content"}


@given(
    pieces=st.lists(st.sampled_from(["\r", "\n", "\r\n", "1,2"])),
    block=st.integers(1, 5),
)
def test_lines_are_counted_as_they_are_read(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], block: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.csv"
    path.write_bytes("".join(pieces).encode())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(encoding, "BLOCK_BYTES", block)
        lines = surveyed(path).lines
    assert lines == len(list(read_lines(path, "utf-8", lambda: None)))


def test_reading_lines_can_be_stopped_between_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\ufeff1\n" * 3 * encoding.LINES_AT_ONCE, "utf-8")
    calls: list[None] = []
    lines = list(read_lines(path, "utf-8", lambda: calls.append(None)))
    assert (lines[0], len(calls)) == ("1\n", 3)
