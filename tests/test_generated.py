"""What is generated from the code is what the code would generate now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import write_reference


def test_the_reference_is_up_to_date() -> None:
    assert "".join(write_reference.stale()) == "", "run `make reference`"


def test_a_stale_page_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_reference, "REFERENCE", tmp_path)
    assert write_reference.main([]) == 0
    assert write_reference.main(["--check"]) == 0
    page = tmp_path / "errors.md"
    page.write_text(page.read_text().replace("SO101", "SO999"))
    (tmp_path / "left-over.md").write_text("of a page that is no more\n")
    assert write_reference.main(["--check"]) == 1
    told = "".join(write_reference.stale())
    assert "-### SO999" in told
    assert "-of a page that is no more" in told
