"""The search by which drawn records are brought to figures."""

import datetime as dt
from random import Random

import pytest

from thassist.errors import InvalidDefinition
from thassist.synthetic.calibrate import Moves, Proposal, calibrate
from thassist.synthetic.stays import Stay
from thassist.synthetic.targets import Target


def stays(number: int) -> list[Stay]:
    return [
        Stay("VICTIM", 4044, dt.date(2022, 3, 1), sex="F" if place % 2 else "M", form="LAB", citizenship="IQ")
        for place in range(number)
    ]


def target(statistic: str, values: dict[str, int], **conditions: set[str]) -> Target:
    base = () if "base" not in conditions else (("sex", frozenset(conditions.pop("base"))),)
    member = tuple((name, frozenset(codes)) for name, codes in conditions.items())
    label = f"{statistic} {values}"
    return Target(label, statistic, values, frozenset({"VICTIM"}), 4044, 4045, None, base, member)


def moves(*names: str) -> Moves:
    choices = {"sex": "FM", "form": ("LAB", "SEX", "MARR"), "citizenship": ("IQ", "SO", "AF", "NG", "STLS")}

    def proposal(name: str) -> Proposal:
        return lambda _stay, rng: {name: rng.choice(choices[name])}

    return Moves({name: proposal(name) for name in names}, {name: [(name,)] for name in names}, lambda _stay: True)


def test_margins_and_cross_margins_are_met_together() -> None:
    made = stays(40)
    figures = [
        target("count", {"in": 17}, sex={"F"}),
        target("count", {"in": 9}, form={"MARR"}),
        target("count", {"in": 8}, form={"MARR"}, sex={"F"}),
        target("percent", {"in": 25}, form={"SEX"}),
    ]
    calibrate(made, figures, moves("sex", "form"), Random(1))
    assert sum(stay.sex == "F" for stay in made) == 17
    assert sum(stay.form == "MARR" for stay in made) == 9
    assert sum(stay.form == "MARR" and stay.sex == "F" for stay in made) == 8
    assert sum(stay.form == "SEX" for stay in made) == 10


def test_an_order_and_a_number_of_citizenships() -> None:
    made = stays(30)
    figures = [target("rank", {"SO": 1, "IQ": 2}), target("distinct", {"in": 3})]
    calibrate(made, figures, moves("citizenship"), Random(2))
    numbers = {code: sum(stay.citizenship == code for stay in made) for code in ("IQ", "SO", "AF", "NG")}
    assert numbers["SO"] > numbers["IQ"] > max(numbers["AF"], numbers["NG"])
    assert sum(number > 0 for number in numbers.values()) == 3


def test_figures_that_contradict_each_other_are_named() -> None:
    figures = [target("count", {"in": 10}, sex={"F"}), target("count", {"in": 11}, sex={"F"})]
    with pytest.raises(InvalidDefinition) as refused:
        calibrate(stays(20), figures, moves("sex"), Random(3), most_steps=2000)
    assert refused.value.key == "synthetic.not_met"
    assert "count" in str(refused.value.params["figures"])


def test_a_figure_that_nothing_can_change_is_named_at_once() -> None:
    with pytest.raises(InvalidDefinition) as refused:
        calibrate(stays(20), [target("count", {"in": 21})], moves("sex"), Random(4), most_steps=0)
    assert refused.value.key == "synthetic.not_met"


def test_what_is_settled_stays() -> None:
    made = stays(20)
    for stay in made[:10]:
        stay.settled = frozenset({"sex"})
    before = [stay.sex for stay in made[:10]]
    calibrate(made, [target("count", {"in": 12}, sex={"F"})], moves("sex"), Random(5))
    assert [stay.sex for stay in made[:10]] == before
    assert sum(stay.sex == "F" for stay in made) == 12


@pytest.mark.parametrize(
    ("women", "men", "percent", "met"),
    [(91, 116, 44, True), (92, 115, 44, True), (90, 117, 43, True), (93, 114, 44, False), (1, 199, 0, False)],
)
def test_a_share_is_met_after_rounding_and_never_by_a_half(women: int, men: int, percent: int, met: bool) -> None:
    share = target("percent", {"in": percent}, sex={"F"})
    share.add("in", women)
    share.add("out", men)
    assert (share.deviation() == 0) is met
