"""Whether a written file is k-anonymous, judged from the file alone by nobody who made it.

Nothing of :mod:`thassist.exchange.anonymity` is used. Counted are the records of every whole combination, and, as a
second way to the same answer, those of every combination of up to three columns: a question that asks for the values
of any columns is answered by a sum of whole combinations, so that the first bounds all.
"""

import csv
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Columns that are asked for together in the second way.
_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found in the file.

    Attributes:
        records: how many there are.
        combinations: how many different whole records.
        fewest: the records of the rarest of them; 0 in a file without records.
        questions: combinations of values of one to three columns that were asked for.
        fewest_answer: the records of the rarest of those.
        regular: whether every row has the columns that were expected.
    """

    records: int
    combinations: int
    fewest: int
    questions: int
    fewest_answer: int
    regular: bool

    def holds(self, k: int, records: int) -> bool:
        """Whether the file holds so many records, and no question is answered by fewer than k."""
        return self.regular and self.records == records and (not records or min(self.fewest, self.fewest_answer) >= k)


def prove(file: Path, columns: Sequence[str]) -> Proof:
    """Count a file.

    Args:
        file: a CSV file with a row of headers.
        columns: the headers that it must have.
    """
    with file.open(encoding="utf-8", newline="") as opened:
        read = list(csv.reader(opened, strict=True))
    body = read[1:]
    regular = bool(read) and read[0] == list(columns) and all(len(row) == len(columns) for row in body)
    if not regular:
        return Proof(len(body), 0, 0, 0, 0, regular=False)
    whole = Counter(map(tuple, body))
    # Columns in which all records read the same bound no question further.
    varied = [place for place in range(len(columns)) if len({row[place] for row in whole}) > 1]
    fewest, questions = len(body), 0
    for width in range(1, _TOGETHER + 1):
        for places in itertools.combinations(varied, width):
            answers: Counter[tuple[str, ...]] = Counter()
            for row, count in whole.items():
                answers[tuple(row[place] for place in places)] += count
            questions += len(answers)
            fewest = min(fewest, *answers.values())
    return Proof(len(body), len(whole), min(whole.values(), default=0), questions, fewest, regular=True)
