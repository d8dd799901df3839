"""Spec, records and period in; cube out. Counting rules of the shipped tables are in tests/spec/tables."""

import datetime as dt
import itertools
import time

import pytest

from thassist.dates import parse_period
from thassist.errors import InvalidDefinition
from thassist.tables.compute import compute
from thassist.tables.cube import Cell
from thassist.tables.spec import load, load_file


def people(*stays):
    """Records of (person, sex, admission date), one new victim each."""
    return {
        "person": [{"person_id": person, "reporting_system": "FI_NAS", "sex": sex} for person, sex, _ in stays],
        "episode": [
            {
                "episode_id": f"E{number}",
                "person_id": person,
                "role": "VICTIM",
                "seq_no": 1,
                "is_new": True,
                "admission_date": dt.date.fromisoformat(date),
                "admission_date_precision": "D",
            }
            for number, (person, _, date) in enumerate(stays)
        ],
    }


def classified(ref):
    """What to replace in the view so that the column ``sex`` holds codes of another classification."""
    named = 'name = "sex"\ntype = "code"\nclassification = '
    return f'{named}"sex@1"', f'{named}"{ref}"'


THREE = people(("A", "F", "2022-01-05"), ("B", "F", "2022-02-05"), ("C", "M", "2022-03-05"))


def test_the_cube_tells_where_it_comes_from(snapshot):
    cube = compute(load("fi_new_victims_form_sex"), snapshot(**THREE), parse_period("2022"))
    assert cube.snapshot == "0123456789abcdef"
    assert [period.code for period in cube.periods] == ["2022"]
    assert not cube.synthetic
    assert cube.value("2022") == 3
    assert cube.value("2022", sex="F") == 2
    assert cube.codes("sex") == ["F", "M", "O", "_U"]


def test_cells_stand_in_the_order_of_period_and_classification(snapshot):
    spec = load("fi_series_new_victims_form")
    first = parse_period("2022-Q1").previous(spec.time.periods - 1).code
    keys = list(compute(spec, snapshot(**THREE), parse_period("2022-Q1")).cells)
    assert keys[0] == (first, "_T")
    assert keys[1] == (first, "LAB")
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)
    assert keys[-1] == ("2022-Q1", "_Z")


def test_the_same_records_in_another_order_give_the_same_cube(snapshot):
    turned = {name: rows[::-1] for name, rows in THREE.items()}
    for table in ("fi_new_victims_form_sex", "fi_new_victims_citizenship"):
        first, second = (compute(load(table), snapshot(**rows), parse_period("2022")) for rows in (THREE, turned))
        assert list(first.cells.items()) == list(second.cells.items())


def test_a_code_that_does_not_exist_stops_the_table(snapshot):
    """The field and the number of records are told, the person is not."""
    records = people(("secret-A", "X", "2022-01-05"), ("secret-B", "X", "2022-02-05"), ("C", "M", "2022-03-05"))
    with pytest.raises(InvalidDefinition) as raised:
        compute(load("fi_new_victims_form_sex"), snapshot(**records), parse_period("2022"))
    assert raised.value.key == "tables.outside"
    assert raised.value.params["field"] == "sex"
    assert raised.value.params["count"] == 2
    assert raised.value.params["classification"] == "sex@1"
    assert "secret" not in str(raised.value)


def test_a_code_that_does_not_exist_stops_the_table_through_a_correspondence(snapshot):
    records = THREE | {
        "exploitation": [{"exploitation_id": "X", "person_id": "A"}],
        "exploitation_form": [{"exploitation_id": "X", "form": "LABOR"}],
    }
    with pytest.raises(InvalidDefinition) as raised:
        compute(load("fi_new_victims_form"), snapshot(**records), parse_period("2022"))
    assert raised.value.params["classification"] == "exploitation_form@1"


def test_a_number_outside_every_class_stops_the_table(snapshot):
    """Born after the admission: a negative age is in no class, and that is not the same as not known."""
    records = THREE | {
        "person": [{**row, "birth_date": dt.date(2022, 12, 1), "birth_date_precision": "D"} for row in THREE["person"]]
    }
    with pytest.raises(InvalidDefinition) as raised:
        compute(load("fi_new_victims_age_group"), snapshot(**records), parse_period("2022"))
    assert (raised.value.params["field"], raised.value.params["count"]) == ("age_at_admission", 3)


def test_a_wrong_code_elsewhere_in_time_does_not_matter(snapshot):
    records = people(("A", "X", "2021-01-05"), ("B", "M", "2022-02-05"))
    assert compute(load("fi_stock_form"), snapshot(**records), parse_period("2022")).value("2022") == 2
    assert compute(load("fi_new_victims_form_sex"), snapshot(**records), parse_period("2022")).value("2022") == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('field = "sex"', 'field = "(SELECT version())"'),
        ('field = "person_id"', 'field = "person_id) FROM person; DROP TABLE person; --"'),
        ("is_new AND", "is_new AND person_id IN (SELECT person_id FROM person) AND"),
        ('date = "admission_date"', 'date = "admission_date OR TRUE"'),
    ],
)
def test_nothing_of_a_definition_reaches_a_query_unchecked(snapshot, spoil, old, new):
    with pytest.raises(InvalidDefinition):
        compute(load_file(spoil(old, new)), snapshot(**THREE), parse_period("2022"))


def test_what_the_engine_says_of_a_record_is_not_shown(snapshot, spoil):
    """A condition that fails on a value: the engine's own text would quote the value."""
    spec = load_file(spoil("is_new AND", "CAST(person_id AS INTEGER) > 0 AND"))
    with pytest.raises(InvalidDefinition) as raised:
        compute(spec, snapshot(**people(("secret-A", "F", "2022-01-05"))), parse_period("2022"))
    assert raised.value.key == "tables.not_computed"
    assert "secret" not in str(raised.value)


def test_codes_with_quotes_are_literals(snapshot, spoil, reports):
    folder = reports / "classifications"
    head = "code,label_fi,label_sv,label_en,parent,valid_from,valid_to,lower,upper,note"
    (folder / "odd@1.csv").write_text(f"{head}\nF,x,x,x,,,,,,\nM') --,y,y,y,,,,,,\n_U,u,u,u,,,,,,\n")
    (folder / "odd@1.toml").write_text((folder / "sex@1.toml").read_text())
    spoil(*classified("odd@1"), file="views/fi_episode")
    spec = load_file(spoil('classification = "sex@1"', 'classification = "odd@1"'))
    records = people(("A", "F", "2022-01-05"), ("B", "M') --", "2022-01-05"))
    assert compute(spec, snapshot(**records), parse_period("2022")).value("2022", sex="M') --") == 1


@pytest.fixture
def regions(reports, spoil):
    """A classification of three levels: world, two continents, countries; Atlantis stands beside them."""
    folder = reports / "classifications"
    head = "code,label_fi,label_sv,label_en,parent,valid_from,valid_to,lower,upper,note"
    parents = {"WORLD": "", "EUR": "WORLD", "F": "EUR", "M": "EUR", "ASI": "WORLD", "O": "ASI", "ATL": "", "_U": ""}
    rows = [f"{code},{code}-fi,{code}-sv,{code}-en,{parent},,,,," for code, parent in parents.items()]
    (folder / "region@1.csv").write_text("\n".join([head, *rows]) + "\n")
    (folder / "region@1.toml").write_text((folder / "sex@1.toml").read_text())
    spoil(*classified("region@1"), file="views/fi_episode")


REGIONS = people(
    ("A", "F", "2022-01-05"),
    ("B", "M", "2022-01-05"),
    ("C", "O", "2022-01-05"),
    ("D", "EUR", "2022-01-05"),
    ("E", "ATL", "2022-01-05"),
    ("F", None, "2022-01-05"),
)


def test_codes_above_the_recorded_ones_are_queried(snapshot, spoil, regions):
    """A person recorded only as European is in Europe and in no country of it."""
    spec = load_file(spoil('classification = "sex@1"', 'classification = "region@1"\nparents = true'))
    cube = compute(spec, snapshot(**REGIONS), parse_period("2022"))
    figures = {code: cube.value("2022", sex=code) for code in ("_T", *cube.codes("sex"))}
    assert figures == {"_T": 6, "WORLD": 4, "EUR": 3, "F": 1, "M": 1, "ASI": 1, "O": 1, "ATL": 1, "_U": 1}
    assert cube.value("2022", sex="EUR", form="_U") == 3


def test_rows_are_not_counted_twice_where_codes_above_are_shown(snapshot, spoil, regions):
    path = spoil(
        'classification = "sex@1"',
        'classification = "region@1"\nparents = true',
        'function = "count_distinct"\nfield = "person_id"',
        'function = "count"',
    )
    cube = compute(load_file(path), snapshot(**REGIONS), parse_period("2022"))
    assert [cube.value("2022", sex=code) for code in ("_T", "WORLD", "EUR", "F")] == [6, 4, 3, 1]


def test_without_parents_only_the_recorded_codes_are_shown(snapshot, spoil, regions):
    spec = load_file(spoil('classification = "sex@1"', 'classification = "region@1"'))
    cube = compute(spec, snapshot(**REGIONS), parse_period("2022"))
    assert cube.codes("sex") == ["EUR", "F", "M", "O", "ATL", "_U"]
    assert cube.value("2022", sex="EUR") == 1


def test_only_the_margins_asked_for_are_computed(snapshot, spoil):
    spec = load_file(spoil("[layout]", '[margins]\nsets = [["form", "sex"], ["sex"]]\n[layout]'))
    cube = compute(spec, snapshot(**THREE), parse_period("2022"))
    assert ("2022", "_T", "_T") not in cube.cells
    assert ("2022", "LAB", "_T") not in cube.cells
    assert cube.cells["2022", "_T", "F"] == Cell(2)
    assert len(cube.cells) == 11 * 4 + 4


def test_a_table_without_dimensions_is_its_totals(snapshot, reports):
    path = reports / "tables" / "fi_stock_sex.toml"
    content = path.read_text()
    start, end = content.index("[[dimension]]"), content.index("[measure]")
    path.write_text((content[:start] + content[end:]).replace('stub = ["sex"]', 'stub = ["time"]'))
    cube = compute(load_file(path), snapshot(**THREE), parse_period("2022-02"))
    assert cube.cells == {("2022-02",): Cell(2)}


def test_the_condition_may_name_the_period(snapshot, spoil):
    spec = load_file(spoil("is_new AND", "is_new AND admission_date > $period_start + INTERVAL 10 DAY AND"))
    assert compute(spec, snapshot(**THREE), parse_period("2022")).value("2022") == 2


def test_a_large_table_takes_about_a_second(snapshot, spoil, reports):
    """Four dimensions with all margins over 20,000 persons: tens of thousands of cells."""
    countries = ["FI", "TH", "NG", "IQ", "VN", "SE", "EE", "RU", "UA", "PH", "MA", "CN", "UG", "AF", "SO", "PK", "IN"]
    forms = ["LAB", "SEX", "MARR", "CRIM", "BEG", "ORG", "OTH"]
    sexes, first = ["F", "M", "O", "_U"], dt.date(2022, 1, 1)
    wide = [(f"P{n}", sexes[n % 4], (first + dt.timedelta(days=n % 365)).isoformat()) for n in range(20_000)]
    records = people(*wide)
    records["citizenship"] = [{"person_id": f"P{n}", "country": countries[n * 7 // 5 % 17]} for n in range(20_000)]
    records["exploitation"] = [
        {"exploitation_id": f"X{n}", "person_id": f"P{n}", "industry": "MINING" if n % 3 else "CAR"}
        for n in range(20_000)
    ]
    records["exploitation_form"] = [{"exploitation_id": f"X{n}", "form": forms[n * 3 // 2 % 7]} for n in range(20_000)]
    more = "".join(
        f'[[dimension]]\nid = "{name}"\nclassification = "{ref}"\nfield = "{field}"\n'
        '[dimension.title]\nfi = "a"\nsv = "b"\nen = "c"\n'
        for name, ref, field in (
            ("citizenship", "country@2026", "citizenship"),
            ("industry", "industry@1", "industry"),
        )
    )
    layout = ('heading = ["sex"]', 'heading = ["sex", "citizenship", "industry"]')
    path = spoil("[measure]", f"{more}[measure]", 'zeros = "show"', 'zeros = "omit"', *layout)
    loaded = snapshot(**records)
    began = time.perf_counter()
    cube = compute(load_file(path), loaded, parse_period("2022"))
    took = time.perf_counter() - began
    assert cube.value("2022") == 20_000
    assert sum(cube.value("2022", sex=sex) for sex in sexes) == 20_000
    for form, sex in itertools.product(("LAB", "MARR"), sexes):
        parts = [cube.value("2022", form=form, sex=sex, citizenship=country) for country in countries]
        assert sum(parts) == cube.value("2022", form=form, sex=sex)
    assert took < 10, took  # a second on an idle machine; ten on one that is busy
