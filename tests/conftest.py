"""Fixtures that every kind of test shares."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The workplace's folder of other people's files; tests that use it carry the mark ``shared``."""
    folder = Path(os.environ.get("THASSIST_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("there is no ../shared here")
    return folder


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the settings or the language of the one who runs it."""
    for name in [name for name in os.environ if name.startswith("THASSIST_") and name != "THASSIST_SHARED"]:
        monkeypatch.delenv(name)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
