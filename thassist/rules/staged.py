"""Published figures as rules see them: four tables, whoever the publisher is.

A figure stands in a table (``table_id``), for a period, at a ``place``: the codes that are not at their total, as
``form=LAB; sex=F``, and empty for the grand total. :class:`thassist.rules.figures.Published` makes the rows.
"""

from collections.abc import Mapping
from typing import Any

#: Staged table → column → the engine's type.
STAGED: dict[str, dict[str, str]] = {
    "cell": {
        "table_id": "VARCHAR",  # the table
        "counter": "VARCHAR",  # the reporting system that counted
        "counters": "INTEGER",  # from how many counters the figure is made
        "period": "VARCHAR",
        "precision": "VARCHAR",  # length of the period: A, S, Q, M
        "first_day": "DATE",
        "last_day": "DATE",
        "place": "VARCHAR",
        "value": "DOUBLE",
        "counted": "BOOLEAN",  # whether it is a number of units
        "status": "VARCHAR",  # SDMX CL_OBS_STATUS
        "noted": "BOOLEAN",  # an analyst's note stands at the figure
        "break_noted": "BOOLEAN",  # the figure is marked as a break
    },
    "caption": {
        "table_id": "VARCHAR",
        "place": "VARCHAR",  # the page and language on which the caption stands
        "period": "VARCHAR",  # the table's period
        "reference_date": "DATE",  # the table's last day
        "period_said": "VARCHAR",  # what the caption says
        "date_said": "DATE",
    },
    "percentage": {
        "table_id": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "percent": "DOUBLE",  # as published
        "part": "DOUBLE",
        "whole": "DOUBLE",
    },
    "note": {
        "table_id": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "has_figure": "BOOLEAN",  # whether a figure of the table is there for the analyst's note
    },
}

#: Rows of staged tables; a column that is left out is not known.
Rows = Mapping[str, list[dict[str, Any]]]
