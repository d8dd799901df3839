"""Write what is generated: ``schema.sql`` and the pages of ``docs/manual/reference`` that repeat what the code says.

``python scripts/write_reference.py`` writes them, ``--check`` only names those that are out of date (exit code 1). A
test runs the check, so that no page of the reference can tell an old story.
"""

import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import compile_words
from thassist_cli.common import remember_language
from thassist_cli.main import cli

from thassist import _data, messages
from thassist.codes import all_classifications, all_correspondences
from thassist.records import ddl, model

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "manual" / "reference"
_NOTE = "<!-- Written by scripts/write_reference.py from {source}. Run «make reference» instead of editing. -->"
_SHORT_LIST = 40


def generated() -> dict[Path, bytes]:
    """Every generated file with its content."""
    pages: dict[str, tuple[str, Callable[[], Iterable[str]]]] = {
        "commands.md": ("the command line", commands),
        "schema.md": ("thassist/records/model", schema),
        "errors.md": ("thassist/messages", errors),
        "rules.md": ("reports/rules", rules),
        "classifications.md": ("reports/classifications", classifications),
        "tables.md": ("reports/tables, reports/views and reports/releases", tables),
        "definitions.md": ("the modules that read them", definitions),
        "receivers.md": ("reports/layouts", receivers),
        "accessibility.md": ("reports/accessibility.toml", accessibility),
    }
    files = {ROOT / "schema.sql": ddl.schema_sql()}
    for name, (source, lines) in pages.items():
        text = "\n".join([_NOTE.format(source=source), "", *lines()])
        files[PAGES / name] = re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"
    return {path: text.encode() for path, text in files.items()} | compile_words.all_compiled()


def table(header: list[str], rows: Iterable[list[object]]) -> Iterator[str]:
    """A Markdown table with blank lines around."""
    yield ""
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


def commands() -> Iterator[str]:
    """Every command as ``--help`` shows it."""
    yield "# Commands"
    yield ""
    yield "Every command answers to `--help`, in the language of `--lang` (or `THASSIST_LANG`): `fi`, `sv` or `en`."
    yield ""
    yield "## Settings in the environment"
    yield from table(
        ["Variable", "Meaning"],
        [
            ["`THASSIST_DB`", "Database as an SQLAlchemy URL; `--db` goes before it."],
            ["`THASSIST_LANG`", "Language of messages: `fi`, `sv`, `en`; `--lang` goes before it."],
            ["`THASSIST_SNAPSHOTS`", "Folder of snapshots; `--snapshots` goes before it."],
            ["`THASSIST_SECRET_FILE`", "File of the secret for pseudonymous keys, apart from the database."],
            ["`THASSIST_REPORTS`", "Folder of definitions, for an office that keeps its own."],
            [
                "`THASSIST_DEBUG`",
                "`1` shows the traceback of a fault in the program. It may quote records: never send it on.",
            ],
        ],
    )
    yield "## Exit codes"
    yield from table(
        ["Code", "Meaning"],
        [
            ["0", "All well."],
            ["1", "There are findings; with `import`, nothing was stored."],
            ["2", "Wrong use of the command line."],
            ["10", "The input cannot be read."],
            ["11", "A definition under `reports/` is wrong, or a release contradicts itself."],
            ["12", "The disclosure audit failed."],
            ["13", "The database or the disk refused."],
            ["70", "A fault in thassist itself. One line with an id; it quotes no records."],
            ["130", "Interrupted from the keyboard; nothing was left half done."],
            ["141", "Whoever read the output stopped reading."],
        ],
    )
    yield from _command(cli, "thassist", 2)


def _command(command: click.Command, path: str, level: int, parent: click.Context | None = None) -> Iterator[str]:
    context = click.Context(
        command,
        info_name=path.rpartition(" ")[2],
        parent=parent,
        terminal_width=100,
        max_content_width=100,
        help_option_names=["-h", "--help"],
    )
    remember_language(context, "en")
    yield f"{'#' * level} {path}"
    yield ""
    yield "```text"
    yield command.get_help(context).rstrip()
    yield "```"
    yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _command(below, f"{path} {name}", level + 1 if level > 2 else 3, context)


def schema() -> Iterator[str]:
    """The record schema: every table and column with its comment."""
    yield "# The record schema"
    yield ""
    yield textwrap.dedent(
        """\
        Persons are known by a pseudonymous key. No table has a place for a name, a personal identity code, an address
        or a telephone number. A date has a precision beside it (`D` day, `M` month, `Q` quarter, `S` half-year, `A`
        year) and is the first day of that span. A coded column refers to a code list; *not known* is a code there,
        never an empty field. The same as SQL: `schema.sql` at the root of the project.
        """
    )
    yield "The tables `legal_…` and `status_transition` hold the law in force (`reports/legal`); triggers refuse"
    yield "a status of a case that it does not allow."
    yield ""
    lists = {model.code_table(name) for name in model.CODE_LISTS}
    for found in model.Base.metadata.sorted_tables:
        if found.name in lists:
            continue
        yield f"## {found.name}"
        yield ""
        yield str(found.comment)
        yield from table(
            ["Column", "Type", "Empty", "Refers to", "Meaning"],
            [
                [
                    f"`{column.name}`" + (" (key)" if column.primary_key else ""),
                    column.type,
                    "may be" if column.nullable else "never",
                    ", ".join(f"`{key.target_fullname}`" for key in column.foreign_keys),
                    column.comment,
                ]
                for column in found.columns
            ],
        )
    yield "## Code lists"
    yield ""
    yield "The tables `cl_…` hold the code lists; `thassist init` fills them from the classifications. All have the"
    yield "columns `code`, `label_fi`, `label_sv`, `label_en`, `valid_from` and `valid_to`."
    yield ""
    yield ", ".join(f"`{name}`" for name in sorted(lists))


def errors() -> Iterator[str]:
    """Every message that has a cause and a remedy, by room."""
    yield "# Messages and what to do"
    yield ""
    yield "A message begins with its key in brackets. In braces stand the names of files, columns and codes of the case"
    yield "at hand; a message never holds a person's data beyond cells that may be quoted."
    for room in messages.rooms():
        found = {key: entry for key, entry in messages.catalogue(room, "en").items() if isinstance(entry, dict)}
        if not found:
            continue
        yield ""
        yield f"## {room}"
        yield ""
        for key, entry in found.items():
            yield f"### {room}.{key}"
            yield ""
            yield str(entry["what"])
            for part in ("why", "remedy"):
                if part in entry:
                    yield ""
                    yield ("**Why:** " if part == "why" else "**What to do:** ") + str(entry[part])
            yield ""
            yield f"*fi* {messages.catalogue(room, 'fi')[key]['what']}  "
            yield f"*sv* {messages.catalogue(room, 'sv')[key]['what']}"
            yield ""


def rules() -> Iterator[str]:
    """The validation catalogue."""
    yield "# Validation rules"
    yield ""
    yield "The same rules look at a delivered file (`validate`, `import`) and at the whole database (`check`). Their"
    yield "conditions are data, in `reports/rules`; the format is described under [Definition files](definitions.md)."
    yield "Rules over published figures (`reports/rules/cells`) run when a release is built. A rule that another part"
    yield "of the program enforces names it, and one that nothing enforces yet says what it waits for."
    found: list[dict[str, Any]] = []
    for folder in ("rules", "rules/cells"):
        for path in _data.definitions(folder):
            found += _data.read_toml(path).get("rule", [])
    for rule in sorted(found, key=lambda rule: (len(rule["id"].rstrip("abcdefgh")), rule["id"])):
        yield ""
        yield f"## {rule['id']}"
        yield ""
        yield str(rule["what"]["en"])
        yield ""
        yield f"{rule['why']['en']} **What to do:** {rule['remedy']['en']}"
        if "waits_for" in rule:
            yield from ["", f"Not enforced yet; waits for: {rule['waits_for']['en']}."]
        if "must_hold" not in rule:
            if "enforced_by" in rule:
                yield from ["", f"Enforced by `thassist.{rule['enforced_by']}`."]
            yield from table(["Severity", "Source"], [[rule["severity"], f"{rule['source']} ({rule['confidence']})"]])
            continue
        valid = " – ".join(str(rule.get(key, "")) for key in ("valid_from", "valid_to")).strip(" –")
        yield from table(
            ["Severity", "On", "Applies where", "Must hold", "In force", "Source"],
            [
                [
                    rule["severity"],
                    f"`{rule['on']}`",
                    f"`{rule['when']}`" if "when" in rule else "always",
                    f"`{' '.join(rule['must_hold'].split())}`",
                    valid or "always",
                    f"{rule['source']} ({rule['confidence']})",
                ]
            ],
        )


def classifications() -> Iterator[str]:
    """Every classification and correspondence; short ones with their codes."""
    yield "# Classifications"
    yield ""
    yield "A classification is a file `reports/classifications/<id>@<version>.csv`. `thassist codes show ID` shows all"
    yield "its codes. The confidence says where the codes come from: `seen` in the source, `inferred` from it,"
    yield "`from memory` (check before relying on it), or our `own` decision."
    for found in all_classifications():
        yield ""
        yield f"## {found.ref}"
        yield ""
        yield f"{found.titles['en']} · {found.titles['fi']} · {found.titles['sv']}. {len(found.codes)} codes."
        yield f"Source ({found.confidence}): {found.source}."
        if len(found.codes) <= _SHORT_LIST:
            yield from table(
                ["Code", "English", "Finnish", "Swedish", "Valid"],
                [
                    [
                        f"`{code.code}`",
                        *(code.labels[lang] for lang in ("en", "fi", "sv")),
                        f"{code.valid_from or ''} – {code.valid_to or ''}".strip(" –") or "always",
                    ]
                    for code in found.codes.values()
                ],
            )
    yield ""
    yield "## Correspondences"
    yield ""
    for link in all_correspondences():
        yield f"- `{link.ref}`: {len(link.targets)} codes of `{link.source.ref}` become codes of `{link.target.ref}`."


def tables() -> Iterator[str]:
    """Releases with their tables, and the views on which tables stand."""
    from thassist.release.spec import all_releases
    from thassist.tables.spec import all_specs
    from thassist.tables.views import all_views

    yield "# Releases, tables and views"
    yield ""
    yield "## Releases"
    for release in all_releases():
        yield ""
        yield f"### {release.id}"
        yield ""
        yield f"{release.titles['en']}. Version {release.version}, frequency `{release.frequency}`, audience"
        yield f"**{release.audience}**. Tables: " + ", ".join(f"`{name}`" for name in release.tables) + "."
    yield ""
    yield "## Tables"
    yield from table(
        ["Table", "Title", "Unit", "By", "Time", "Version"],
        [
            [
                f"`{spec.id}`",
                spec.titles["en"],
                spec.unit.labels["en"],
                ", ".join(f"{part.id} (`{part.classification}`)" for part in spec.dimensions) or "–",
                spec.time.reference,
                spec.version,
            ]
            for spec in all_specs()
        ],
    )
    yield "## Views"
    for view in all_views():
        yield ""
        yield f"### {view.id}"
        yield ""
        yield f"{view.title}."
        yield from table(
            ["Column", "Type", "Meaning"],
            [[f"`{column.name}`", column.type, column.description] for column in view.columns.values()],
        )


def receivers() -> Iterator[str]:
    """What each receiver asks for, item by item: what is ours, and who answers the rest."""
    from thassist.publish.layout import load, paths_of_layouts
    from thassist.publish.layout_rows import how_known

    yield "# Receivers and their items"
    yield ""
    yield "What stands in the files of each layout. *Ours* names the tables; the rest is empty, with who can answer it."
    for path in paths_of_layouts():
        found = load(path.stem)
        yield ""
        yield f"## {found.id}"
        yield ""
        yield f"{found.titles['en']}. {how_known(found.sheets[0], 'en')}"
        yield from table(
            ["Item", "What", "Files", "Layout", "Ours", "Not ours", "Not known"],
            [
                [
                    sheet.item or sheet.id,
                    sheet.titles["en"],
                    ", ".join(f"`{file}`" for file in sheet.files),
                    sheet.confidence,
                    ", ".join(dict.fromkeys(f"`{block.table}`" for block in sheet.blocks if block.table)) or "–",
                    *(
                        "; ".join(dict.fromkeys(found.who[b.who]["en"] for b in sheet.blocks if b.standing == standing))
                        or "–"
                        for standing in ("not_ours", "not_known")
                    ),
                ]
                for sheet in found.sheets
            ],
        )


def accessibility() -> Iterator[str]:
    """The points of the checklist for workbooks, and who checks each."""
    data = _data.read_toml(_data.reports_dir() / "accessibility.toml")
    points = data["point"]
    machine = sum("check" in point for point in points)
    yield "# What a workbook is checked for"
    yield ""
    yield (
        f"`thassist accessibility` checks {machine} of the {len(points)} points by itself; the other "
        f"{len(points) - machine} a person must judge. Exit code 1 where an essential point is missed. "
        "[Check a workbook](../how-to/check-a-workbook.md) tells how to use it."
    )
    yield ""
    yield f"Source: {data['source']}. The words are our own, in Finnish and Swedish too."
    yield from table(
        ["Point", "What is asked", "Weight", "Checked by"],
        (
            [
                point["number"],
                point["en"],
                "essential" if point["essential"] else "desirable",
                f"machine (`{point['check']}`)" if "check" in point else "a person",
            ]
            for point in points
        ),
    )


def definitions() -> Iterator[str]:
    """The formats of the definition files, from the modules that read them."""
    from thassist.exchange import definition as exchange_layout
    from thassist.intake import profile
    from thassist.publish import layout as publish_layout
    from thassist.records import legal
    from thassist.release import spec as release_spec
    from thassist.release import story as release_story
    from thassist.rules import catalogue
    from thassist.rules import views as rule_views
    from thassist.tables import breaks as table_breaks
    from thassist.tables import bridges as table_bridges
    from thassist.tables import spec as table_spec
    from thassist.tables import views as table_views
    from thassist.verify import against as verify_against
    from thassist.verify import profile as verify_profile

    yield "# Definition files"
    yield ""
    yield "What thassist counts, checks and reads is written in files under `reports/`: a new table, rule, layout or"
    yield "release is a new file there. An office that keeps its own names the folder in `THASSIST_REPORTS`. A file"
    yield "with an unknown key is refused, with the nearest known name."
    parts = {
        "Tables": table_spec,
        "Views for tables": table_views,
        "Breaks of comparability": table_breaks,
        "Bridges": table_bridges,
        "Releases": release_spec,
        "Layouts for receivers": publish_layout,
        "Words of a release": release_story,
        "Rules": catalogue,
        "Views for rules": rule_views,
        "Profiles of deliveries": profile,
        "Layouts of records for others": exchange_layout,
        "Legal regimes": legal,
        "Profiles of publications": verify_profile,
        "Publications beside our figures": verify_against,
    }
    reports = _data.reports_dir()
    rule_file = (reports / "rules" / "referral.toml").read_text(encoding="utf-8")
    examples = {
        "Releases": (reports / "releases" / "national-annual.toml").read_text(encoding="utf-8"),
        "Rules": "[[rule]]" + rule_file.split("[[rule]]")[1],
    }
    for title, module in parts.items():
        yield ""
        yield f"## {title}"
        yield ""
        yield from markdown(str(module.__doc__))
        if title in examples:
            yield from ["", "An example, as it stands in the project:", "", "```toml", examples[title].strip(), "```"]


def markdown(docstring: str) -> Iterator[str]:
    """A docstring as Markdown: double backticks to single ones, indented blocks after ``::`` to fenced ones."""
    fenced = opened = False
    for line in docstring.splitlines():
        if fenced and line.strip() and not line.startswith("    "):
            yield "```"
            yield ""
            fenced = False
        if fenced:
            if line.strip() or not opened:
                yield line.removeprefix("    ")
            opened = opened and not line.strip()
        elif line.endswith("::"):
            yield re.sub(r"``(.+?)``", r"`\1`", line.removesuffix(":")) if line.strip() != "::" else ""
            yield ""
            yield "```toml"
            fenced = opened = True
        else:
            yield re.sub(r":\w+:`(.+?)`", r"`\1`", re.sub(r"``(.+?)``", r"`\1`", line))
    if fenced:
        yield "```"


def main(arguments: list[str]) -> int:
    """Write all files, or only check them."""
    stale = {path: data for path, data in generated().items() if not path.exists() or path.read_bytes() != data}
    for path, data in stale.items():
        name = path.relative_to(ROOT)
        if "--check" in arguments:
            print(f"{name} is out of date; run: make reference")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"wrote {name}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
