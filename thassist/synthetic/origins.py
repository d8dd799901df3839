"""Citizenship, residence status and industry of the clients, drawn when form and place of exploitation are settled."""

from random import Random
from typing import TYPE_CHECKING

from thassist.synthetic.assumptions import Assumptions, draw
from thassist.synthetic.calibrate import Moves, Proposal
from thassist.synthetic.stays import Stay

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

#: Codes of the published forms that are forced labour, the only form with an industry.
LABOUR = "LAB"


class Origins:
    """How citizenship, residence status and industry are drawn."""

    def __init__(self, assumed: Assumptions) -> None:
        self.assumed = assumed
        self.union = frozenset(assumed["citizenships"]["finland_and_eu"])
        self.protection_from: dt.date = assumed["residence"]["temporary_protection_from"]
        self.protected: Mapping[str, object] = assumed["residence"]["temporary_protection"]

    @property
    def moves(self) -> Moves:
        """What the second calibration may change."""
        both = ("citizenship", "status")
        proposals: dict[str, Proposal] = {
            "citizenship": self.citizenship,
            "status": self.citizenship,
            "industry": self.industry,
        }
        together: dict[str, list[tuple[str, ...]]] = {
            "citizenship": [both],
            "status": [both, ("status",)],
            "industry": [("industry",)],
        }
        return Moves(proposals, together, self.allowed)

    def citizenship(self, stay: Stay, rng: Random) -> dict[str, object]:
        """Citizenship by form and place, and a residence status that such a citizen can have."""
        assumed = self.assumed["citizenships"]
        if rng.random() < assumed["tail_share"]:
            country = rng.choice(assumed["tail"])
        else:
            country = draw(rng, self.assumed.shares("citizenships", stay.place, form=stay.form))
        return {"citizenship": country, "status": self.status(country, stay, rng)}

    def status(self, country: str, stay: Stay, rng: Random) -> str:
        """Residence status on the day of admission."""
        if country in self.union:
            return "FI_CITIZEN" if country == "FI" else "EU_CITIZEN"
        protected = country == self.protected["country"] and stay.admission >= self.protection_from
        if protected and rng.random() < float(str(self.protected["share"])):
            return "TEMP_PROT"
        return draw(rng, self.assumed.shares("residence", stay.place, year=stay.year))

    def industry(self, stay: Stay, rng: Random) -> dict[str, object]:
        """Industry of forced labour by place and year; none for other forms."""
        if stay.form != LABOUR:
            return {"industry": None}
        return {"industry": draw(rng, self.assumed.shares("industries", stay.place, year=stay.year))}

    def allowed(self, stay: Stay) -> bool:
        """Whether the status fits the citizenship and the day, and the industry the form."""
        if (stay.industry is not None) != (stay.form == LABOUR):
            return False
        if stay.citizenship in self.union:
            return stay.status == ("FI_CITIZEN" if stay.citizenship == "FI" else "EU_CITIZEN")
        if stay.status == "TEMP_PROT":
            return stay.citizenship == self.protected["country"] and stay.admission >= self.protection_from
        return stay.status in self.assumed.shares("residence", stay.place, year=stay.year)

    def whole_person(self, stay: Stay, rng: Random) -> None:
        """Draw the origin of a victim or witness."""
        for name, value in (*self.citizenship(stay, rng).items(), *self.industry(stay, rng).items()):
            setattr(stay, name, value)
