"""The protector's loss is the least there is: a mixed-integer programme of scipy finds nothing cheaper."""

import numpy as np
import pytest
import sdc
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from thassist.disclosure.protect import protect_system
from thassist.disclosure.rule import OUTSIDER_RULES, Rule

K = 5
RULE = Rule(threshold=K, attackers=(OUTSIDER_RULES,))


def least_loss(built, inner: np.ndarray, seconds: float) -> tuple[float, float]:
    """The least cost of a pattern in which every small cell could be k or more, and how much less is not excluded.

    One set of binaries (withheld or not), and for every small cell a table of its own that shows it large: cells may
    differ from the truth only where they are withheld, and are at least 1 there.
    """
    member = built.incidence(0, sdc.kinds(built)).toarray()
    values = member @ inner
    cells, kinds = member.shape
    small = np.flatnonzero((values > 0) & (values < K))
    most = float(values.max())
    cost = np.where(values > 0, 1 + np.log(np.maximum(values, 1)), 0)
    tables = len(small)
    rows, low, high = [], [], []
    for place, target in enumerate(small):
        left = sparse.csr_array((cells, kinds * place))
        right = sparse.csr_array((cells, kinds * (tables - place - 1)))
        x = sparse.csr_array(member)
        withheld = sparse.diags_array(np.where(values > 0, most, 0.0))
        rows.append(sparse.hstack([-withheld, left, x, right]))  # x <= y + most * s
        low.append(np.full(cells, -np.inf))
        high.append(values)
        fewer = sparse.diags_array(np.where(values > 0, values - 1.0, 0.0))
        rows.append(sparse.hstack([fewer, left, x, right]))  # x >= y - (y - 1) * s
        low.append(values)
        high.append(np.full(cells, np.inf))
        rows.append(sparse.hstack([sparse.csr_array((1, cells)), left[:1], x[[int(target)]], right[:1]]))
        low.append(np.array([float(K)]))
        high.append(np.array([np.inf]))
    size = cells + kinds * tables
    must = np.zeros(size)
    must[small] = 1
    found = milp(
        np.concatenate([cost, np.zeros(kinds * tables)]),
        integrality=np.concatenate([np.ones(cells), np.zeros(kinds * tables)]),
        bounds=Bounds(must, np.concatenate([np.ones(cells), np.full(kinds * tables, np.inf)])),
        constraints=LinearConstraint(sparse.vstack(rows), np.concatenate(low), np.concatenate(high)),
        options={"time_limit": seconds, "mip_rel_gap": 1e-6},
    )
    assert found.x is not None
    chosen = found.x[:cells] > 0.5
    return float(cost[chosen].sum()), float(found.mip_dual_bound)


def _instances():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        yield f"4x5:{seed}", [sdc.flat("a", 4), sdc.flat("b", 5)], [["a", "b"]], rng.poisson(rng.choice([2, 9, 25], 20))
    for seed in range(4):
        rng = np.random.default_rng(100 + seed)
        sizes = [sdc.flat("a", 3), sdc.flat("b", 3), sdc.flat("c", 2)]
        inner = rng.poisson(rng.choice([1, 4, 12], 18))
        yield f"linked:{seed}", sizes, [["a", "b"], ["b", "c"], ["a", "c"]], inner


@pytest.mark.parametrize(
    ("name", "variables", "tables", "inner"), list(_instances()), ids=lambda each: each if isinstance(each, str) else ""
)
def test_the_loss_is_the_least(name: str, variables, tables, inner: np.ndarray) -> None:
    built = sdc.system(variables, tables)
    found = protect_system(built, sdc.truth(built, inner), RULE, records=sdc.records(built, inner))
    assert found.safe, name
    cost = float((1 + np.log(np.maximum(found.truth, 1)))[found.withheld].sum())
    least, bound = least_loss(built, inner, 60.0)
    assert cost >= bound - 1e-6, name  # else one of the two is wrong
    # the programme asks for alternatives in fractions only; the protector for whole ones: none of these tables differ
    assert cost <= least + 1e-6, name
