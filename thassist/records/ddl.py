"""The documented DDL, ``schema.sql``, written from the models: ``python -m thassist.records.ddl [FILE]``.

In SQLite's dialect, with a comment above every table and column. PostgreSQL gets the same comments in its catalogue,
from the migrations.
"""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.schema import Table

from thassist import _data
from thassist.records.model import Base

_WIDTH = 116
_HELD = "\x00"
_HEAD = """\
thassist: the record schema, in SQLite's dialect.

Written from thassist/records/model by «python -m thassist.records.ddl»; a test keeps the two equal. Databases are
made and upgraded by «thassist init» (migrations), not from this file: it is for reading. PostgreSQL has the same
tables, with its own wording of the rules on dates and keys and of the triggers.

Dates are known to a day or a longer span: the column <name>_precision says to what span (D day, M month, Q quarter,
S half-year, A year), and the date is the first day of that span. Coded columns refer to the cl_ tables, which hold the
code lists. Not known is a code, not an empty field, wherever a list has such a code (_U). No table has a place for a
person's name, personal identity code, address or telephone number.
"""


def schema_sql() -> str:
    """The whole text of ``schema.sql``."""
    tables = [_described(table) for table in Base.metadata.sorted_tables]
    return "\n\n".join([_comment(_HEAD.strip(), ""), *tables]) + "\n"


def _described(table: Table) -> str:
    dialect = sqlite.dialect()
    lines = [_comment(str(table.comment), "")]
    for line in str(CreateTable(table).compile(dialect=dialect)).strip().splitlines():
        text = line.strip()
        column = table.columns.get(text.split(" ")[0].strip('"'))
        if column is not None:
            lines.append(_comment(str(column.comment), "    "))
        lines.append(_statement(text, "    " if line.startswith("\t") else ""))
    lines[-1] += ";"
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    lines += [_statement(str(CreateIndex(index).compile(dialect=dialect)).strip() + ";", "") for index in indexes]
    lines += [f"{trigger};" for trigger in table.info.get("triggers", {}).get("sqlite", ())]
    return "\n".join(line for line in lines if line.strip())


def _statement(text: str, indent: str) -> str:
    """Wrapped at blanks, but not at one inside a literal."""
    held = "".join(part.replace(" ", _HELD) if odd % 2 else part for odd, part in _literals(text))
    further = indent + "    "
    lines = textwrap.wrap(
        held,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_HELD, " ")


def _literals(text: str) -> Iterator[tuple[int, str]]:
    """The parts of a statement: even ones outside, odd ones inside quotation marks, which stay with the inside."""
    for number, part in enumerate(text.split("'")):
        yield number, f"'{part}'" if number % 2 else part


def _comment(text: str, indent: str) -> str:
    paragraphs = text.split("\n\n")
    blocks = [
        "\n".join(f"{indent}-- {line}" for line in textwrap.wrap(part, _WIDTH - len(indent))) for part in paragraphs
    ]
    return f"\n{indent}--\n".join(blocks)


def main(arguments: list[str]) -> None:
    """Write the DDL to a file, by default the project's ``schema.sql``."""
    path = Path(arguments[0]) if arguments else _data.schema_sql()
    path.write_text(schema_sql(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
