"""Made-up records that several tests look at, made once a process: to generate ten years takes many seconds."""

import pickle
from functools import cache

from thassist.records.dataset import Dataset
from thassist.synthetic import generate


def made_up(first: int, last: int, seed: int) -> Dataset:
    """The records of :func:`thassist.synthetic.generate`, a copy of its own for every caller."""
    found: Dataset = pickle.loads(_pickled(first, last, seed))
    return found


@cache
def _pickled(first: int, last: int, seed: int) -> bytes:
    return pickle.dumps(generate(first, last, seed))
