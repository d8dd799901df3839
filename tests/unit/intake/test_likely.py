"""Where the error of a delivery is: the cells of the smallest change, in the user's own workbook."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from thassist.intake import annotate, deliver, template
from thassist.intake.likely import likely, marks

from .conftest import TODAY, clean_records, dataset


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A proposal dated a year late, so that the decision comes before it, of a person who leaves before coming."""
    rows = clean_records(3)
    rows["referral"][1]["received_date"] = dt.date(2023, 11, 3)
    rows["episode"][1] |= {"exit_date": dt.date(2022, 12, 1), "exit_date_precision": "D", "exit_reason": None}
    rows["citizenship"][0]["is_primary"] = None
    path = tmp_path / "wrong.xlsx"
    template.write_workbook(dataset(rows), path, "en")
    return path


def test_the_cells_that_would_have_to_change_are_named_at_their_place(wrong: Path) -> None:
    delivery = deliver.validate(wrong, lang="en", today=TODAY)
    found = likely(delivery, today=TODAY)
    assert (len(found.locations), found.cases) == (1, 1)
    (location,) = found.locations
    assert location.rules == ("R04", "R14", "R14b")
    # The exit goes away; either the proposal or the decision has another date.
    cells = [sorted((one.sheet, one.row, one.header) for one in suspects) for suspects in location.sets]
    exit_date = ("Client episodes", 3, "Date of exit")
    assert sorted(cells) == [
        [exit_date, ("Decisions", 3, "Date of decision")],
        [exit_date, ("Referrals", 3, "Received")],
    ]


def test_they_are_marked_in_the_users_own_workbook(wrong: Path, tmp_path: Path) -> None:
    delivery = deliver.validate(wrong, lang="en", today=TODAY)
    said = marks(likely(delivery, today=TODAY).locations, "en")
    out = tmp_path / "out.xlsx"
    annotate.annotate(wrong, [*delivery.findings, *said], out, profile_id="fi-nas", sha256=delivery.sha256, lang="en")
    book = openpyxl.load_workbook(out)
    comments = {
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment and "equally small changes" in cell.comment.text
    }
    assert comments == {("Client episodes", "H3"), ("Decisions", "E3"), ("Referrals", "C3")}
    again = deliver.validate(out, lang="en", today=TODAY).findings
    assert [(one.code, one.cell) for one in again] == [(one.code, one.cell) for one in delivery.findings]


def test_no_more_cases_are_looked_at_than_wanted(tmp_path: Path) -> None:
    rows = clean_records(3)
    for episode in rows["episode"][:2]:
        episode |= {"exit_date": dt.date(2022, 12, 1), "exit_date_precision": "D", "exit_reason": None}
    path = tmp_path / "two.xlsx"
    template.write_workbook(dataset(rows), path, "en")
    found = likely(deliver.validate(path, lang="en", today=TODAY), today=TODAY, most=1)
    assert (len(found.locations), found.cases) == (1, 2)
