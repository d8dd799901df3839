"""New clients and registered victims are the same persons: figures one person apart are never both published."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.release.conftest import CLIENTS, Office
from thassist.disclosure.ledger import RELEASE, Ledger, Publication
from thassist.disclosure.policy import policy
from thassist.errors import AuditFailed
from thassist.release import adhoc
from thassist.release.build import assemble
from thassist.release.history import audit_history
from thassist.release.public import Secured, secure
from thassist.snapshot import Snapshot
from thassist.tables.cube import Status

FORM_SEX, COUNTS = "fi_new_victims_form_sex", "intl_sdg_series_sex"
#: The only one of the sixty who is no victim: a witness, admitted in 2022, a woman.
WITNESS = 1


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    rows = Office.all_records(CLIENTS)
    rows["episode"][WITNESS]["role"] = "WITNESS"
    office = Office(tmp_path_factory.mktemp("ties"))
    office.enter(rows)
    return office.freeze()


def new_clients(sex: str = "") -> int:
    return sum(client < 40 and sex in {"", "M" if client % 3 == 0 else "F"} for client in CLIENTS)


def registered(sex: str = "") -> int:
    return new_clients(sex) - (sex in {"", "F"})


def published(file: Path, table: str, figures: dict[str, int]) -> Ledger:
    """A ledger in which somebody published figures by sex of 2022."""
    ledger = Ledger(file)
    cells: list[list[Any]] = [["2022", {"sex": sex} if sex else {}, n, "A", None, None] for sex, n in figures.items()]
    ledger.add(Publication(RELEASE, "earlier", "2022", "us", True, {table: cells}), "tester", dt.datetime.now(dt.UTC))
    return ledger


def shown(secured: Secured, table: str, sex: str) -> bool:
    cell = secured.release.cube(table).cells[
        ("2022", *("_T" if n != "sex" else sex for n in _dimensions(secured, table)))
    ]
    assert cell.status is Status.SUPPRESSED or cell.value is not None
    return cell.value is not None


def _dimensions(secured: Secured, table: str) -> list[str]:
    return [dimension.id for dimension in secured.release.cube(table).spec.dimensions]


def test_registered_victims_after_new_clients(in_use: Path, snapshot: Snapshot, tmp_path: Path) -> None:
    """The national figures are out. The total and the women of the report differ from them by the one witness."""
    assert new_clients() - registered() == 1
    figures = {"": new_clients(), "F": new_clients("F"), "M": new_clients("M")}
    ledger = published(tmp_path / "ledger.jsonl", FORM_SEX, figures)
    secured = secure(assemble("sdg-16-2-2-public", "2022", snapshot), snapshot, ledger, policy())
    for table in (COUNTS, "intl_sdg_rate_sex"):
        assert not shown(secured, table, "_T")
    assert not shown(secured, COUNTS, "FEMALE")
    assert shown(secured, COUNTS, "MALE"), "the same men are in both: nobody is between them"


@pytest.mark.slow
def test_nothing_is_withheld_for_the_tie_where_the_other_figure_is_not_out(
    in_use: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    secured = secure(assemble("sdg-16-2-2-public", "2022", snapshot), snapshot, Ledger(tmp_path / "l"), policy())
    assert all(shown(secured, COUNTS, sex) for sex in ("_T", "FEMALE", "MALE"))


def test_an_answer_on_demand_is_tied_to_what_is_out(in_use: Path, snapshot: Snapshot, tmp_path: Path) -> None:
    """New clients by sex are asked for after the registered victims were published: the other way round."""
    figures = {"": registered(), "F": registered("F"), "M": registered("M")}
    ledger = published(tmp_path / "ledger.jsonl", "intl_eurostat_sex", figures)
    asked = adhoc.question("new_clients", ["sex"])
    release = adhoc.answer(asked, "2022", snapshot, "public")
    secured = secure(release, snapshot, ledger, policy())
    table = adhoc.table_id(asked)
    assert not shown(secured, table, "_T")
    assert not shown(secured, table, "F")
    assert shown(secured, table, "M")


def test_the_audit_of_what_is_out_finds_the_witness(in_use: Path, snapshot: Snapshot, tmp_path: Path) -> None:
    """Each publication alone gives nobody away; both together do."""
    ledger = published(tmp_path / "ledger.jsonl", FORM_SEX, {"": new_clients()})
    assert audit_history([], snapshot, policy(), list(ledger.figures())).safe
    published(tmp_path / "ledger.jsonl", "intl_eurostat_sex", {"": registered()})
    found = audit_history([], snapshot, policy(), list(ledger.figures()))
    assert not found.safe
    assert {spec.id for spec, _, _ in found.leaks} <= {FORM_SEX, "intl_eurostat_sex"}


def test_what_is_out_already_one_person_apart_is_named(in_use: Path, snapshot: Snapshot, tmp_path: Path) -> None:
    """Both totals were published before anybody tied them: what gives the witness away is told, nothing goes out."""
    ledger = published(tmp_path / "ledger.jsonl", FORM_SEX, {"": new_clients()})
    published(tmp_path / "ledger.jsonl", "intl_eurostat_sex", {"": registered()})
    asked = adhoc.answer(adhoc.question("registered_victims", ["sex"]), "2022", snapshot, "public")
    with pytest.raises(AuditFailed) as caught:
        secure(asked, snapshot, ledger, replace(policy(), protect_seconds=60))
    assert caught.value.key == "public.between"
    assert caught.value.params["count"] >= 1
