"""The policy: what the shipped file says, all faults at once, and an approval that a changed rule makes void."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist import _data
from thassist.disclosure import policy as policies
from thassist.errors import AuditFailed, InvalidDefinition
from thassist.messages import LANGUAGES


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped definitions, in which the policy may be changed."""
    home = tmp_path / "reports"
    shutil.copytree(_data.reports_dir(), home)
    monkeypatch.setenv("THASSIST_REPORTS", str(home))
    return home / policies.FILE


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def keys(file: Path) -> list[str]:
    return [problem.key for problem in policies.read(file)[1]]


def approve(file: Path, digest: str) -> None:
    change(file, 'approved_by = ""', 'approved_by = "Director N. N."')
    change(file, 'approved_on = ""', 'approved_on = "2026-11-21"')
    change(file, 'reference = ""', 'reference = "MIG-2026-1"')
    change(file, 'content = ""', f'content = "{digest}"')


def test_the_shipped_policy_protects_and_nobody_has_approved_it() -> None:
    found = policies.policy()
    assert (found.threshold, found.zeros_shown, found.symbol) == (5, True, "[c]")
    assert found.attackers == ("outsider_rules", "outsider", "insider")
    assert not found.approved
    assert found.together("national-annual") == ("national-annual", "national-half-year", "national-quarterly")
    assert found.package("a-package-that-is-not-named").method == "suppression"
    assert found.must_stay("fi_new_victims_form_sex") == {()}
    assert found.must_stay("uk_responder") == frozenset()


def test_an_approval_stands_until_a_rule_changes(file: Path) -> None:
    with pytest.raises(AuditFailed, match="no approval"):
        policies.policy().require_approval("national-annual", synthetic=False)
    policies.policy().require_approval("national-annual", synthetic=True)
    approve(file, policies.policy().digest)
    assert policies.policy().approved
    policies.policy().require_approval("national-annual", synthetic=False)
    change(file, "# Seconds.", "# Seconds of time.")
    assert policies.policy().approved, "a comment is no rule"
    change(file, "threshold = 5", "threshold = 4")
    assert not policies.policy().approved
    with pytest.raises(AuditFailed, match="changed after the approval"):
        policies.policy().require_approval("national-annual", synthetic=False)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("threshold = 5", "threshold = 2", "tables.bad_number"),
        ("threshold = 5", "threshold = true", "tables.bad_number"),
        ("width = 3", "width = 0", "tables.bad_number"),
        ('zeros = "shown"', 'zeros = "off"', "tables.bad_choice"),
        ('symbol = "[c]"', 'symbol = "<5"', "policy.bad_symbol"),
        ('symbol = "[c]"', 'symbol = ""', "policy.bad_symbol"),
        ('["outsider_rules", "outsider", "insider"]', "[]", "policy.attacker_missing"),
        ('"insider"]', '"burglar"]', "tables.bad_choice"),
        ("audit = 600", "", "tables.missing_key"),
        ('method = "suppression"', 'method = "none"', "tables.bad_choice"),
        ('method = "suppression"', 'method = "rounding"\nbase = 10', "policy.bad_base"),
        ('method = "suppression"', 'method = "suppression"\nbase = 5', "policy.base_without_rounding"),
        ('release = "national-quarterly"', 'release = "national-quartely"', "policy.no_release"),
        ('"fi_new_victims_form",', '"fi_new_victims_forms",', "policy.no_table"),
        ("sets = [[]]", 'sets = [["colour"]]', "policy.no_dimension"),
        ("sets = [[]]", 'sets = ["form"]', "tables.wrong_type"),
        ('approved_on = ""', 'approved_on = "soon"', "policy.bad_day"),
        ('version = "1.0.0"', 'version = "1.0.0"\nprotect = false', "tables.unknown_key"),
    ],
)
def test_each_fault_is_named(file: Path, old: str, new: str, key: str) -> None:
    assert keys(file) == []
    change(file, old, new)
    assert key in keys(file)
    with pytest.raises(InvalidDefinition):
        policies.policy()


def test_all_faults_at_once_in_every_language(file: Path) -> None:
    change(file, "threshold = 5", "threshold = 1")
    change(file, 'symbol = "[c]"', 'symbol = "1"')
    file.write_text(
        file.read_text(encoding="utf-8") + '[[package]]\nrelease = "national-quarterly"\n', encoding="utf-8"
    )
    found = policies.read(file)[1]
    assert {problem.key for problem in found} >= {"tables.bad_number", "policy.bad_symbol", "policy.package_twice"}
    for lang in LANGUAGES:
        for problem in found:
            assert problem.text(lang)
            assert problem.remedy(lang)
    result = CliRunner().invoke(cli, ["disclosure", "policy"])
    assert result.exit_code == 11
    assert all(f"[{problem.key}]" in result.output for problem in found)


def test_rounding_has_its_base(file: Path) -> None:
    change(file, 'method = "suppression"', 'method = "rounding"\nbase = 3')
    assert keys(file) == []
    rule = policies.policy().default
    assert (rule.method, rule.base) == ("rounding", 3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_says_it_in_words(lang: str) -> None:
    result = CliRunner().invoke(cli, ["disclosure", "policy", "--lang", lang])
    assert result.exit_code == 0
    assert policies.policy().digest in result.output
    assert "?" not in result.output


def test_the_command_says_it_to_a_machine(file: Path) -> None:
    approve(file, policies.policy().digest)
    result = CliRunner().invoke(cli, ["disclosure", "policy", "--format", "json"])
    told = json.loads(result.output)
    assert told["approval"] == {"by": "Director N. N.", "on": "2026-11-21", "reference": "MIG-2026-1", "stands": True}
    assert told["threshold"] == 5
    assert told["problems"] == []


def test_a_missing_file_is_a_wrong_definition(file: Path) -> None:
    file.unlink()
    result = CliRunner().invoke(cli, ["disclosure", "policy"])
    assert result.exit_code == 11
