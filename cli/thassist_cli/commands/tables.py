"""``thassist tables``: look at the table definitions, check them, and compute one table."""

import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from thassist.messages import text
from thassist_cli.common import db_option, format_option, lang_option, show_json, show_table, snapshots_option

if TYPE_CHECKING:
    from thassist.dates import Period
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
        ("show_measure", _measure(spec, lang)),
        ("show_unit", spec.unit.labels[lang]),
        ("show_time", _time(spec, lang)),
        *(("show_dimensions", f"{item.titles[lang]} ({item.classification})") for item in spec.dimensions),
        *(("show_parameters", f"{name} = {value}") for name, value in spec.parameters.items()),
        *(("show_notes", note[lang]) for note in spec.notes),
        *(("show_breaks", said) for said in _breaks(spec, lang)),
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


def _measure(spec: "TableSpec", lang: str) -> str:
    measure = spec.measure
    return text(
        f"tables.measure_{measure.function}",
        lang,
        field=measure.field,
        where=measure.where,
        per=measure.per,
        over=", ".join(measure.over),
        event=measure.event,
        after=measure.after,
        probability=measure.probability,
    )


def _time(spec: "TableSpec", lang: str) -> str:
    time = spec.time
    parts = [
        text(
            f"tables.time_{time.reference}",
            lang,
            date=time.date,
            start=time.start,
            end=time.end,
            horizon=time.horizon,
        )
    ]
    parts += [text("tables.periods_shown", lang, count=time.periods)] if time.periods > 1 else []
    parts += [text(f"tables.frequency_{time.frequency}", lang)] if time.frequency else []
    return "; ".join(parts)


def _breaks(spec: "TableSpec", lang: str) -> list[str]:
    from thassist.tables.breaks import breaks_of

    found = breaks_of(spec)
    return [f"{one.date.isoformat()}: {one.texts[lang]}" for one in found] or [text("tables.no_breaks", lang)]


@tables.command("compute")
@click.argument("table_id", metavar="ID")
@click.option("--period", required=True, metavar="P", help="Period, for example 2024-Q4, 2024 or 2023-04-01/P1Y.")
@click.option("--from", "first", metavar="P", help="First period of a series up to --period, of the same length.")
@click.option(
    "--snapshot", "snapshot_id", metavar="ID", help="Snapshot to compute from (default: the one frozen last)."
)
@snapshots_option
@db_option
@lang_option
def compute_(
    table_id: str,
    period: str,
    first: str | None,
    snapshot_id: str | None,
    snapshots: Path | None,
    db: str,
    lang: str,
) -> None:
    """Compute the table ID and print it as CSV.

    For internal use: the figures are not protected against disclosure. --from gives a series of any length from the
    same definition.
    """
    from thassist.errors import InvalidDefinition
    from thassist.publish.tidy_csv import as_text
    from thassist.snapshot import default_folder, open_snapshot
    from thassist.tables.compute import compute
    from thassist.tables.spec import load

    spec = load(table_id)
    last = _period(period)
    begin = _period(first) if first else None
    frozen = open_snapshot(snapshots or default_folder(db), snapshot_id)
    try:
        cube = compute(spec, frozen, last, begin)
    except ValueError as error:
        raise InvalidDefinition("tables.bad_series", first=first, last=period) from error
    click.echo(text("tables.internal_head", lang, table=spec.id, snapshot=frozen.id), err=True)
    click.echo(as_text(cube), nl=False)


def _period(said: str) -> "Period":
    from thassist.dates import parse_period
    from thassist.errors import InvalidDefinition

    try:
        return parse_period(said)
    except ValueError as error:
        raise InvalidDefinition("tables.bad_period", period=said) from error


def _as_json(spec: "TableSpec", lang: str) -> dict[str, Any]:
    from thassist.tables.breaks import breaks_of

    breaks = breaks_of(spec)
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
            "frequency": spec.time.frequency or None,
            "horizon": spec.time.horizon or None,
        },
        "parameters": spec.parameters,
        "dimensions": [
            {
                "id": dimension.id,
                "title": dimension.titles[lang],
                "classification": dimension.classification,
                "via": dimension.via or None,
                "older": list(dimension.older),
                "field": dimension.field,
                "response": dimension.response,
                "rest": dimension.rest or None,
            }
            for dimension in spec.dimensions
        ],
        "measure": {
            "function": spec.measure.function,
            "field": spec.measure.field or None,
            "decimals": spec.measure.decimals,
            "text": _measure(spec, lang),
        },
        "zeros": spec.zeros,
        "margins": [list(margin) for margin in spec.margins],
        "layout": {
            "form": spec.layout.form,
            "stub": list(spec.layout.stub),
            "heading": list(spec.layout.heading),
        },
        "notes": [note[lang] for note in spec.notes],
        "check": spec.check_measure or None,
        "breaks": [{"id": found.id, "date": found.date.isoformat(), "text": found.texts[lang]} for found in breaks],
    }
