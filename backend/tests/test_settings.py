"""Settings come from the environment, options on top; what is wrong is refused by name."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from rota.settings import Settings, load_settings


def test_an_option_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTA_PORT", "9000")
    monkeypatch.setenv("ROTA_SLOTS", "3")
    settings = load_settings(port=9001, slots=None)
    assert (settings.port, settings.slots) == (9001, 3)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTA_PORT", "")
    assert load_settings().port == Settings.model_fields["port"].default


def test_the_database_is_in_the_data_folder_unless_named(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert settings.is_sqlite
    assert settings.database_path == tmp_path / "rota.sqlite3"
    assert not load_settings(data_dir=tmp_path, database_url="postgres://u:p@host/rota").is_sqlite


def test_a_relative_data_folder_is_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(data_dir="data").data_dir == tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("port", "eighty"),
        ("slots", "0"),
        ("database_url", "mysql://host/rota"),
        ("redis_url", "localhost:6379"),
        ("namespace", "Rota 1"),
        ("secure_cookies", "sometimes"),
        ("log_level", "loud"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        load_settings(**{name: value})
    assert [fault["loc"] for fault in caught.value.errors()] == [(name,)]
