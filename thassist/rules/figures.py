"""Run the rules over published figures: the same conditions and the same findings as for records.

A finding says the table, the period and the place of the figure. The rules are in ``reports/rules/cells``; what they
see is described in :mod:`thassist.rules.staged`.
"""

import datetime as dt

import pandas as pd

from thassist.engine import Engine
from thassist.rules.catalogue import TODAY, load
from thassist.rules.conditions import broken_rows
from thassist.rules.finding import Finding
from thassist.rules.runner import said
from thassist.rules.staged import STAGED, Rows
from thassist.rules.workspace import load_reference


def run_on_figures(rows: Rows, lang: str, *, today: dt.date | None = None) -> list[Finding]:
    """All findings of the rules over figures, by table, period and place.

    Args:
        rows: staged table → its rows (:func:`thassist.rules.staged.staged` makes them from cubes).
        lang: language of the findings.
        today: what rules may take for the current day.

    Raises:
        InvalidDefinition: a rule or view is wrong.
    """
    known = load("cells")
    day = today or dt.datetime.now().astimezone().date()
    values = {TODAY: day, **{name: parameter.value for name, parameter in known.parameters.items()}}
    findings = []
    with Engine() as engine:
        for table, columns in STAGED.items():
            engine.load(table, columns, pd.DataFrame(list(rows.get(table, [])), columns=list(columns), dtype=object))
        for reference in known.references:
            load_reference(engine, reference)
        for view in known.views.values():
            engine.view(f"rule_{view.id}", view.sql)
            rules = [rule for rule in known.rules.values() if rule.on == view.id]
            for rule, row in broken_rows(engine, view.id, rules, ["table_id", "period", "place"], values):
                shown = {name: said(value, lang) for name, value in {**values, **row}.items()}
                findings.append(
                    Finding(
                        code=rule.id,
                        severity=rule.severity,
                        message=rule.text("what", lang, shown),
                        remedy=rule.text("remedy", lang, shown),
                        table=row["table_id"],
                        key=" ".join(part for part in (row["period"], row["place"]) if part),
                    )
                )
    return sorted(findings, key=lambda finding: (finding.table, *finding.order()))
