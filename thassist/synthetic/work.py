"""Working time of the assistance system by process and month; nothing about clients or employees."""

import datetime as dt
from random import Random

from thassist.synthetic.assumptions import quotas
from thassist.synthetic.tables import SYSTEM, Records


def write_working_time(records: Records, rng: Random) -> None:
    """Share the hours of a year's staff out to processes and months; the year's total is exact."""
    plan = records.assumed["staff_time"]
    first, last = records.assumed.years
    for year in range(first, last + 1):
        hours = records.assumed.at("staff_time", "staff", year) * plan["hours_a_year"]
        weights = {
            f"{process}/{month}": share * weight * (1 + plan["spread"] * rng.uniform(-1, 1))
            for month, weight in enumerate(plan["months"], start=1)
            for process, share in plan["processes"].items()
        }
        for cell, hundredths in quotas(round(hours * 100), weights).items():
            process, _, month = cell.partition("/")
            records.put(
                "staff_time",
                process=process,
                month_date=dt.date(year, int(month), 1),
                month_date_precision="M",
                unit=plan["units"][process],
                reporting_system=SYSTEM,
                hours_hundredths=hundredths,
            )
