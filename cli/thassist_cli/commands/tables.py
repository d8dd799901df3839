"""``thassist tables``: look at the table definitions and check them."""

import itertools
import sys
from typing import TYPE_CHECKING, Any

import click

from thassist.messages import text
from thassist_cli.common import format_option, lang_option, show_json, show_table

if TYPE_CHECKING:
    from thassist.tables.definition import Problem
    from thassist.tables.spec import TableSpec


@click.group()
def tables() -> None:
    """The definitions of statistical tables."""


@tables.command("list")
@lang_option
@format_option
def list_(lang: str, output: str) -> None:
    """List all tables with their titles."""
    from thassist.tables.spec import all_specs

    specs = all_specs()
    if output == "json":
        show_json(
            [
                {"id": spec.id, "version": spec.version, "status": spec.status, "title": spec.titles[lang]}
                for spec in specs
            ]
        )
        return
    click.echo(text("tables.list_head", lang, count=len(specs)))
    show_table([[spec.id, spec.titles[lang]] for spec in specs])


@tables.command("show")
@click.argument("table_id", metavar="ID")
@lang_option
@format_option
def show(table_id: str, lang: str, output: str) -> None:
    """Show the definition of the table ID in words."""
    from thassist.tables.spec import load

    spec = load(table_id)
    if output == "json":
        show_json(_as_json(spec, lang))
        return
    click.echo(f"{spec.id}  {spec.titles[lang]}\n")
    rows = [
        ("show_population", spec.population.texts[lang]),
        ("show_measure", _measure(spec)),
        ("show_unit", spec.unit.labels[lang]),
        ("show_time", _time(spec, lang)),
        *(("show_dimensions", f"{item.titles[lang]} ({item.classification})") for item in spec.dimensions),
        *(("show_notes", note[lang]) for note in spec.notes),
        ("show_version", f"{spec.version} ({spec.status})"),
    ]
    headings = [text(f"tables.{key}", lang) for key, _ in rows]
    shown = ["" if heading == before else heading for before, heading in itertools.pairwise(["", *headings])]
    show_table([[heading, value] for heading, (_, value) in zip(shown, rows, strict=True)])


@tables.command("lint")
@click.argument("table_ids", metavar="[ID]...", nargs=-1)
@lang_option
@format_option
def lint(table_ids: tuple[str, ...], lang: str, output: str) -> None:
    """Check the definitions of all tables and views, or of the tables ID only.

    Every problem is shown, not only the first. Exit code 11 where there is one.
    """
    from thassist.errors import InvalidDefinition
    from thassist.tables.lint import lint_all, lint_file
    from thassist.tables.spec import path_of, paths_of_specs
    from thassist.tables.views import paths_of_views

    if table_ids:
        paths = [path_of(table_id) for table_id in table_ids]
        problems = [problem for path in paths for problem in lint_file(path)]
    else:
        paths = [*paths_of_specs(), *paths_of_views()]
        problems = lint_all()
    if output == "json":
        show_json([{"file": item.file, "code": item.key, "message": item.text(lang)} for item in problems])
    else:
        _echo_problems(problems, len(paths), lang)
    if problems:
        sys.exit(InvalidDefinition.exit_code)


def _echo_problems(problems: "list[Problem]", total: int, lang: str) -> None:
    for problem in problems:
        click.echo(f"[{problem.key}] {problem.text(lang)}")
        click.echo(f"    {problem.remedy(lang)}")
    if problems:
        files = len({problem.file for problem in problems})
        click.echo(text("tables.problems", lang, count=len(problems), files=files, total=total), err=True)
    else:
        click.echo(text("tables.linted", lang, count=total))


def _measure(spec: "TableSpec") -> str:
    return f"{spec.measure.function}({spec.measure.field})"


def _time(spec: "TableSpec", lang: str) -> str:
    time = spec.time
    said = text(f"tables.time_{time.reference}", lang, date=time.date, start=time.start, end=time.end)
    return said + ("; " + text("tables.periods_shown", lang, count=time.periods) if time.periods > 1 else "")


def _as_json(spec: "TableSpec", lang: str) -> dict[str, Any]:
    return {
        "id": spec.id,
        "version": spec.version,
        "status": spec.status,
        "title": spec.titles[lang],
        "population": {
            "view": spec.population.view,
            "where": spec.population.where,
            "text": spec.population.texts[lang],
        },
        "unit": {
            "statistical_unit": spec.unit.statistical_unit,
            "counting_rule": spec.unit.counting_rule,
            "label": spec.unit.labels[lang],
        },
        "time": {
            "reference": spec.time.reference,
            "columns": list(spec.time.columns),
            "periods": spec.time.periods,
        },
        "dimensions": [
            {
                "id": dimension.id,
                "title": dimension.titles[lang],
                "classification": dimension.classification,
                "via": dimension.via or None,
                "field": dimension.field,
                "response": dimension.response,
            }
            for dimension in spec.dimensions
        ],
        "measure": {"function": spec.measure.function, "field": spec.measure.field or None},
        "zeros": spec.zeros,
        "margins": [list(margin) for margin in spec.margins],
        "layout": {
            "form": spec.layout.form,
            "stub": list(spec.layout.stub),
            "heading": list(spec.layout.heading),
        },
        "notes": [note[lang] for note in spec.notes],
        "check": spec.check_measure or None,
    }
