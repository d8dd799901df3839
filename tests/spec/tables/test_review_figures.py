"""The page that says which table gives which figure of the reviews names tables that exist and are published."""

import re
from pathlib import Path

from thassist.release import spec as releases
from thassist.tables.spec import paths_of_specs


def test_every_table_named_is_in_the_annual_release(root: Path) -> None:
    page = (root / "docs/manual/explanation/review-figures.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(fi_\w+)`", page))
    annual = set(releases.load("national-annual").tables)
    assert len(named) > 60
    assert named <= annual


def test_every_count_table_but_the_series_is_explained(root: Path) -> None:
    page = (root / "docs/manual/explanation/review-figures.md").read_text(encoding="utf-8")
    others = ("fi_series_", "fi_time_", "fi_length_", "fi_indicator_", "fi_route_", "fi_bridge_")
    tables = {path.stem for path in paths_of_specs() if path.stem.startswith("fi_")}
    assert {table for table in tables if not table.startswith(others)} <= set(re.findall(r"`(fi_\w+)`", page))
