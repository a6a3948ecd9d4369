"""Settings come from one table; a wrong one is told by name with what is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import UsageError
from server.settings import SETTINGS, Settings


def test_without_anything_the_defaults_hold() -> None:
    """Each default is that of the table."""
    settings = Settings.load({}, {})
    assert {row.name: getattr(settings, row.name) for row in SETTINGS} == {
        row.name: row.default for row in SETTINGS
    }
    assert (settings.limits.timeout, settings.limits.memory, settings.limits.workers) == (30.0, 1024, 3)


def test_a_flag_goes_before_the_environment_and_an_empty_variable_is_none(tmp_path: Path) -> None:
    """Flags win; `HER2KG_PORT=` is as if it were not set."""
    environment = {
        "HER2KG_PORT": "9000",
        "HER2KG_QUERY_TIMEOUT": "1.5",
        "HER2KG_HOST": "",
        "HER2KG_DOCUMENTS": str(tmp_path),
    }
    settings = Settings.load({"port": "9001", "host": None}, environment)
    assert (settings.port, settings.query_timeout, settings.host) == (9001, 1.5, "127.0.0.1")
    assert settings.documents == tmp_path


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("port", "0", "1 to 65535"),
        ("port", "65536", "1 to 65535"),
        ("port", "eighty", "whole number"),
        ("port", "٣", "whole number"),
        ("query_timeout", "0", "seconds"),
        ("query_timeout", "-1", "seconds"),
        ("query_timeout", "inf", "seconds"),
        ("query_timeout", "1e3", "seconds"),
        ("query_memory", "1.5", "whole number"),
        ("query_workers", "0", "from 1"),
        ("query_workers", "99999999999999999999", "whole number"),
        ("documents", "/nowhere/at/all", "folder"),
        ("host", "a b", "host name"),
        ("base", "https://example.org/x", "slash"),
        ("base", "file:///etc/", "http"),
        ("store_url", "ftp://127.0.0.1/sparql", "http or https"),
        ("store_url", "http:///sparql", "http or https"),
        ("store_url", "http://127.0.0.1/ sparql", "http or https"),
        ("store_data_url", "sparql", "http or https"),
        ("database_url", "sqlite://", "yet"),
        ("proxies", "10.0.0.1/8", "addresses and networks"),
        ("log", "debug", "off, errors, requests"),
        ("log_format", "xml", "auto, json, text"),
        ("result_memory", "255", "from 256"),
    ],
)
def test_a_wrong_value_is_told_by_name(name: str, value: str, wanted: str) -> None:
    """The error names the flag or the variable and what it should be, and exits with 2."""
    with pytest.raises(UsageError, match=wanted) as caught:
        Settings.load({}, {f"HER2KG_{name.upper()}": value})
    assert caught.value.where == f"HER2KG_{name.upper()}"
    with pytest.raises(UsageError, match=wanted) as caught:
        Settings.load({name: value}, {})
    assert caught.value.where == "--" + name.replace("_", "-")
    assert caught.value.exit_code == 2


def test_a_state_folder_may_be_new_but_no_file(tmp_path: Path) -> None:
    """What does not exist can be made; a file cannot be a folder."""
    assert Settings.load({"home": str(tmp_path / "new")}, {}).home == tmp_path / "new"
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="folder"):
        Settings.load({"home": str(tmp_path / "file")}, {})
