"""No text of any language is older than its English, and the tool that says so notices each thing it promises."""

import shutil
from pathlib import Path

import pytest

from portal import catalogue
from tests.house.translations import LAGGING, Lack, findings, main, seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two languages of three texts, all of them in order."""
    (tmp_path / "en.toml").write_text('state = "reviewed"\n[a]\nx = "One {n}"\ny = "Two"\n', encoding="utf-8")
    (tmp_path / "vi.toml").write_text('state = "draft"\n[a]\nx = "Một {n}"\ny = "Hai"\n', encoding="utf-8")
    seal("vi", folder=tmp_path)
    assert findings(tmp_path) == []
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_no_language_says_anything_stale_or_with_other_placeholders():
    wrong = [each for each in findings() if each.is_reviewed or each.lack not in LAGGING]
    wrong = [each for each in wrong if each.lack is not Lack.UNSEALED]
    assert wrong == [], "\n".join(map(str, wrong))


def test_all_nine_languages_are_there():
    tags = {path.stem for path in catalogue.FOLDER.glob("*.toml")}
    assert tags == {"ko", "en", "fil", "ja", "zh-Hans", "zh-Hant", "vi", "es", "ar"}


@pytest.mark.parametrize(
    ("name", "old", "new", "lack"),
    [
        ("en", "Two", "Two!", Lack.STALE),
        ("vi", "{n}", "{m}", Lack.PLACEHOLDERS),
        ("vi", 'y = "Hai"\n', "", Lack.MISSING),
        ("vi", 'y = "Hai"', 'y = " "', Lack.EMPTY),
        ("vi", 'y = "Hai"', 'y = "Hai"\nz = "Ba"', Lack.UNKNOWN),
        ("en", 'y = "Two"', 'y = "Two"\nz = "Three"', Lack.MISSING),
        ("vi", '"a.y" = ', '"a.old" = ', Lack.UNSEALED),
    ],
)
def test_each_lack_is_found(folder, name, old, new, lack):
    change(folder / f"{name}.toml", old, new)
    assert [(each.tag, each.lack) for each in findings(folder)] == [("vi", lack)]


def test_sealing_one_text_leaves_the_others_stale(folder):
    change(folder / "en.toml", "One", "First")
    change(folder / "en.toml", "Two", "Second")
    seal("vi", ["a.x"], folder)
    assert [each.key for each in findings(folder)] == ["a.y"]


def test_sealing_keeps_what_stands_behind_the_table(folder):
    for name in ("en", "vi"):
        path = folder / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8") + '\n[b]\nz = "3"\n', encoding="utf-8")
    seal("vi", folder=folder)
    first = (folder / "vi.toml").read_text(encoding="utf-8")
    seal("vi", folder=folder)
    assert (folder / "vi.toml").read_text(encoding="utf-8") == first
    assert findings(folder) == []


def test_a_text_that_a_language_lacks_is_said_in_english(folder):
    shutil.copy(folder / "vi.toml", folder / "es.toml")
    change(folder / "es.toml", 'y = "Hai"\n', "")
    spoken = catalogue.load(["es", "vi"], folder)
    assert (spoken["es"]("a.y"), spoken["vi"]("a.y")) == ("Two", "Hai")
    assert not spoken["es"].is_reviewed


def test_the_tool_answers_by_its_exit_code(capsys):
    assert main([]) == (1 if findings() else 0)
    assert capsys.readouterr().out
