"""What is held here, for comparison with what others published; and the command that compares."""

import json
from pathlib import Path

from click.testing import CliRunner, Result
from thassist_cli.main import cli

from thassist.release.held import of_snapshot
from thassist.snapshot import Snapshot

HEAD = "Iso3_code,Country,Indicator,Dimension,Category,Sex,Age,Year,txtVALUE"
ROWS = """
FIN,Finland,Detected trafficking victims,Total,Total,Total,Total,2022,41
FIN,Finland,Detected trafficking victims,Total,Total,Female,Total,2022,26
FIN,Finland,Detected trafficking victims,by form of exploitation,Forced labour,Total,Total,2022,<5
FIN,Finland,Persons convicted,Total,Total,Total,Total,2022,7
SWE,Sweden,Detected trafficking victims,Total,Total,Total,Total,2022,9
"""


def test_only_whole_years_are_told(snapshot: Snapshot) -> None:
    # referrals begin on 5 January 2022, admissions end in December 2023
    held = of_snapshot(snapshot, ["intl_unodc_sex_age"])
    assert not held.periods("intl_unodc_sex_age")
    assert not held.periods("not_ours")
    assert held.synthetic


def compared(snapshot: Snapshot, tmp_path: Path, *more: str, against: str = "latest", head: str = ROWS) -> Result:
    path = tmp_path / "glotip.csv"
    path.write_text(f"\n\n{HEAD}{head}", encoding="utf-8")
    words = ["verify", str(path), "--profile", "unodc-glotip", "--against", against]
    return CliRunner().invoke(cli, [*words, "--snapshots", str(snapshot.folder.parent), *more])


def test_a_release_is_held_against_the_world(snapshot: Snapshot, tmp_path: Path) -> None:
    build = ["release", "adhoc", "--view", "registered_victims", "--by", "sex", "--period", "2022", "--only", "en"]
    done = CliRunner().invoke(cli, [*build, "--out", str(tmp_path / "r"), "--snapshots", str(snapshot.folder.parent)])
    assert done.exit_code == 0, done.output
    # a release that holds none of the tables of the profile tells of no year
    shown = compared(snapshot, tmp_path, "--area", "FIN", "--format", "json", against=str(tmp_path / "r"))
    assert shown.exit_code == 0
    said = json.loads(shown.stdout)
    assert {row["status"] for row in said["rows"]} == {"published_only"}
    assert sum(said["unanswered"].values()) == 1


def test_the_command_says_what_it_needs(snapshot: Snapshot, tmp_path: Path) -> None:
    assert compared(snapshot, tmp_path).exit_code == 2
    assert compared(snapshot, tmp_path, "--area", "XXX").exit_code == 11
    assert "published only" in compared(snapshot, tmp_path, "--area", "FIN", "--lang", "en").output
