"""The two homes of the definition files: inside an installed wheel, and beside the package in a checkout.

No other module knows where ``reports/`` and ``schema.sql`` lie.
"""

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from thassist.errors import InvalidDefinition

_PACKAGE = Path(__file__).resolve().parent


def reports_dir() -> Path:
    """The folder of definitions; ``THASSIST_REPORTS`` names another one, for an office that keeps its own.

    Raises:
        InvalidDefinition: the folder that it names does not exist.
    """
    chosen = os.environ.get("THASSIST_REPORTS")
    if chosen:
        if not Path(chosen).is_dir():
            raise InvalidDefinition("core.no_definitions", folder=chosen)
        return Path(chosen)
    shipped = _PACKAGE / "_data" / "reports"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "reports"


def schema_sql() -> Path:
    """The documented DDL of the record schema."""
    shipped = _PACKAGE / "_data" / "schema.sql"
    return shipped if shipped.is_file() else _PACKAGE.parent / "schema.sql"


def definitions(folder: str, suffix: str = ".toml") -> list[Path]:
    """All definition files of one kind, in the order of their names."""
    return sorted((reports_dir() / folder).glob(f"*{suffix}"))


def read_toml(path: Path) -> dict[str, Any]:
    """One definition file as a dictionary.

    Raises:
        InvalidDefinition: the file is missing, not UTF-8 or not TOML.
    """
    try:
        return dict(_parsed(path, path.stat().st_mtime_ns))
    except OSError as error:
        raise InvalidDefinition("core.definition_missing", file=path.name) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidDefinition("core.definition_not_toml", file=path.name, detail=str(error)) from error


@cache
def _parsed(path: Path, _mtime_ns: int) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
