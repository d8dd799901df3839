"""The shipped rules and views are complete, and a wrong one says what is wrong."""

import datetime as dt
import re
import string
from pathlib import Path

import pytest

from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.records.dataset import TABLE_NAMES, Dataset, fields
from thassist.rules import catalogue
from thassist.rules.runner import run
from thassist.rules.schema_views import SCHEMA_VIEWS
from thassist.rules.workspace import Workspace

#: What the specification asks of records; what it asks of tables is in test_cells.py.
WANTED = {f"R{number:02d}" for number in range(1, 46)} | {"R47"}
#: Severities of that table: where a part of an error is a question, or of a warning an error, the part is named.
WARNINGS = {
    *("R02", "R07", "R07b", "R08", "R12f", "R21", "R27", "R28", "R28b", "R31", "R31b", "R33", "R36", "R36b"),
    *("R40", "R40b", "R41", "R41b", "R43b", "R47b"),
}
INFORMATION = {"R37", "R43"}


def test_the_rules_that_were_asked_for_are_there() -> None:
    known = catalogue.load().rules
    assert set(known) >= WANTED
    assert {rule.id for rule in known.values() if rule.severity == "warning"} == WARNINGS
    assert {rule.id for rule in known.values() if rule.severity == "information"} == INFORMATION


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_speaks_every_language_with_the_same_placeholders(lang: str) -> None:
    for rule in catalogue.load().rules.values():
        for part in ("what", "why", "remedy"):
            text, english = rule.texts[part][lang], rule.texts[part]["en"]
            assert text.endswith("."), (rule.id, part, lang)
            assert _placeholders(text) == _placeholders(english)
            if lang != "en":
                assert text != english, (rule.id, part, lang)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_rule_and_parameter_says_where_it_comes_from() -> None:
    known = catalogue.load()
    for rule in known.rules.values():
        assert re.search(r"\bR\d\d\b|Record schema|Own", rule.source), rule.id
    used = {name for rule in known.rules.values() for name in known.used_parameters(rule)}
    assert used == set(known.parameters)
    assert all(parameter.source for parameter in known.parameters.values())


def test_views_yield_what_they_document() -> None:
    """A view of one row a record has that record's columns and those that views.toml describes; no others."""
    known = catalogue.load()
    with Workspace(Dataset({})) as work:
        for reference in known.references:
            work.add_reference(reference)
        for view in known.views.values():
            work.add_view(view)
            found = set(work.view_columns(view)) - {"_pos", "_given"}
            own = {column.name for column in fields(view.record)} if view.record else set()
            dates = {f"{name.removesuffix('_precision')}_last" for name in own if name.endswith("_precision")}
            missing = set(view.columns) - found
            assert not missing, (view.id, missing)
            assert found - own - dates == set(view.columns), view.id
            for alias in view.refers:
                assert f"{alias}_pos" in found, view.id


def test_every_view_and_schema_view_is_used() -> None:
    known = catalogue.load()
    assert {rule.on for rule in known.rules.values()} == set(known.views)
    assert {view.built_in for view in known.views.values() if view.built_in} == set(SCHEMA_VIEWS)


def test_no_condition_or_text_names_a_field_that_may_not_be_quoted() -> None:
    hidden = {c.name for table in TABLE_NAMES for c in fields(table) if not c.info.get("echo")}
    for rule in catalogue.load().rules.values():
        assert not hidden & set(rule.shows), rule.id


SPOILED = [
    ("received_date <= $today", "recieved_date <= $today", "engine.sql_unknown_column", "received_date"),
    ("received_date <= $today", "received_date <= $todey", "engine.sql_unknown_parameter", "today"),
    ("received_date <= $today", "received_date <=", "engine.sql_not_parsed", ""),
    ("received_date <= $today", "received_date <= (SELECT 1)", "engine.sql_no_condition", ""),
    ("received_date <= $today", "getenv('HOME') IS NOT NULL", "engine.sql_forbidden", ""),
    ('on = "referral"', 'on = "referal"', "rules.no_view", "referral"),
    ('fields = ["referral.received_date"]', 'fields = ["referral.recieved_date"]', "rules.no_field", "received_date"),
    ('fields = ["referral.received_date"]', 'fields = ["decision.decision_date"]', "rules.bad_place", ""),
    ('fields = ["referral.received_date"]', "", "rules.bad_place", ""),
    ('severity = "error"', 'severity = "fatal"', "rules.bad_file", ""),
    ('severity = "error"', 'serverity = "error"', "rules.unknown_key", "severity"),
    ('systems = ["FI_NAS"]', 'systems = ["FI_NSA"]', "rules.no_system", "FI_NAS"),
    ('id = "R03b"', 'id = "R03"', "rules.repeated", ""),
    ("before the system began on {first_referral_date}", "before {first_date}", "rules.uneven_texts", ""),
    ('en = "Check the year."', "", "rules.bad_file", ""),
    ("schema = 1", "schema = 2", "rules.bad_file", ""),
    ("schema = 1", "schema = ", "core.definition_not_toml", ""),
    ('confidence = "seen"', 'confidence = "sure"', "rules.bad_file", ""),
]


@pytest.mark.parametrize(("right", "wrong", "key", "nearest"), SPOILED)
def test_a_wrong_rule_is_refused_by_name(own_reports: Path, right: str, wrong: str, key: str, nearest: str) -> None:
    path = own_reports / "rules" / "referral.toml"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(InvalidDefinition) as caught:
        run(Dataset({}), "en")
    assert caught.value.key == key
    assert caught.value.exit_code == 11
    if nearest:
        assert caught.value.params["nearest"] == nearest


SPOILED_VIEWS = [
    ("FROM person p\n", "FROM persons p\n", "engine.sql_unknown_table"),
    ("SELECT l.* FROM family_link l", "DELETE FROM family_link", "engine.sql_no_query"),
    ('record = "person"', 'record = "persons"', "rules.bad_file"),
    ('"referral.source" = "received_date"', '"referral.sauce" = "received_date"', "rules.bad_file"),
    ('file = "eu_members.csv"', 'file = "members.csv"', "rules.bad_reference"),
    ('about.en = "One row a person."', 'abuot.en = "One row a person."', "rules.bad_file"),
    ('about.sv = "En rad per person."', "", "rules.bad_file"),
]


@pytest.mark.parametrize(("right", "wrong", "key"), SPOILED_VIEWS)
def test_a_wrong_view_is_refused(own_reports: Path, right: str, wrong: str, key: str) -> None:
    path = own_reports / "rules" / "views.toml"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(InvalidDefinition) as caught:
        run(Dataset({}), "en")
    assert caught.value.key == key


NEW_RULE = """
schema = 1
[[rule]]
id = "X01"
severity = "information"
on = "referral"
must_hold = "source <> 'EMBASSY'"
fields = ["referral.source"]
valid_on = "received_date"
valid_from = 2020-01-01
valid_to = 2020-12-31
source = "Own"
confidence = "own"
what = { fi = "Suurlähetystö.", sv = "Ambassaden.", en = "The embassy." }
why = { fi = "Kiinnostaa.", sv = "Intressant.", en = "Of interest." }
remedy = { fi = "Ei mitään.", sv = "Ingenting.", en = "Nothing." }
"""


def test_a_rule_is_a_file(own_reports: Path, records, make) -> None:  # type: ignore[no-untyped-def]
    """A new rule needs no code, and is in force only between its dates."""
    (own_reports / "rules" / "office.toml").write_text(NEW_RULE, encoding="utf-8")
    days = [dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2020, 12, 31), dt.date(2021, 1, 1)]
    referrals = [
        {"referral_id": f"R-{n}", "person_id": "C-000001", "source": "EMBASSY", **make.day("received_date", day)}
        for n, day in enumerate(days)
    ]
    found = run(records(person=[make.person(1)], citizenship=[make.citizenship(1)], referral=referrals), "sv")
    assert [(f.code, f.key, f.severity, f.message) for f in found] == [
        ("X01", "R-1", "information", "Ambassaden."),
        ("X01", "R-2", "information", "Ambassaden."),
    ]


@pytest.mark.parametrize(
    ("when", "must_hold", "broken"),
    [
        ("", "source_other = 'x'", True),  # not known breaks a rule …
        ("", "coalesce(source_other = 'x', TRUE)", False),  # … that does not accept it,
        ("source_other = 'x'", "FALSE", False),  # and where it is not known whether a rule applies, it does not
        ("source_other IS NULL", "FALSE", True),
    ],
)
def test_what_is_not_known_is_decided_by_the_rule(  # type: ignore[no-untyped-def]
    own_reports: Path, records, make, when: str, must_hold: str, broken: bool
) -> None:
    text = NEW_RULE.replace("source <> 'EMBASSY'", must_hold).replace(
        'on = "referral"', f'on = "referral"\nwhen = "{when}"'
    )
    text = "\n".join(line for line in text.splitlines() if not line.startswith("valid_"))
    (own_reports / "rules" / "office.toml").write_text(text, encoding="utf-8")
    referral = {"referral_id": "R-1", "person_id": "C-000001", "source": "SELF"}
    referral |= make.day("received_date", dt.date(2022, 1, 1))
    found = run(records(person=[make.person(1)], citizenship=[make.citizenship(1)], referral=[referral]), "en")
    assert [one.code for one in found] == (["X01"] if broken else [])
