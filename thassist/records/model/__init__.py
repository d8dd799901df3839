"""The normalised case schema, one module a subject.

What is known about a client of the assistance system, kept with the precision in which it is known. Persons are
known by a pseudonymous key; there is no place for a name, a personal identity code, an address or a telephone number.

Every table and column carries a comment (it becomes ``schema.sql`` and the reference page).
"""

from thassist.records.model.base import CODE_LISTS, IDENTITY_CODE, KEY, Base, code_table
from thassist.records.model.decision import Appeal, AssistancePeriod, Decision, Identification, Permit
from thassist.records.model.delivery import BOOKKEEPING, CodeList, ImportBatch, Recorded
from thassist.records.model.duplicate import DuplicateDecision
from thassist.records.model.episode import Episode, Provision, Service
from thassist.records.model.exploitation import Exploitation, ExploitationCountry, ExploitationForm, ExploitationMeans
from thassist.records.model.law import LegalCode, LegalParameter, LegalRegime, StatusTransition
from thassist.records.model.person import Citizenship, FamilyLink, Person, ResidenceStatus
from thassist.records.model.referral import Contact, Referral, SourceCode, StatusEvent
from thassist.records.model.surroundings import AssistedReturn, Compensation, CriminalStage, StaffTime
from thassist.records.model.trail import ADOPTED, CORRECTED, INSERTED, WHY_LENGTH, WITHDRAWN, ChangeEntry

#: Record tables in the order in which rows must be stored: parents before children.
RECORD_TABLES: tuple[type[Base], ...] = (
    Person,
    Citizenship,
    FamilyLink,
    Contact,
    Referral,
    SourceCode,
    StatusEvent,
    Decision,
    Appeal,
    Episode,
    Provision,
    Service,
    Exploitation,
    ExploitationForm,
    ExploitationCountry,
    ExploitationMeans,
    Identification,
    ResidenceStatus,
    Permit,
    AssistancePeriod,
    CriminalStage,
    Compensation,
    AssistedReturn,
    StaffTime,
)

__all__ = [
    "ADOPTED",
    "BOOKKEEPING",
    "CODE_LISTS",
    "CORRECTED",
    "IDENTITY_CODE",
    "INSERTED",
    "KEY",
    "RECORD_TABLES",
    "WHY_LENGTH",
    "WITHDRAWN",
    "Appeal",
    "AssistancePeriod",
    "AssistedReturn",
    "Base",
    "ChangeEntry",
    "Citizenship",
    "CodeList",
    "Compensation",
    "Contact",
    "CriminalStage",
    "Decision",
    "DuplicateDecision",
    "Episode",
    "Exploitation",
    "ExploitationCountry",
    "ExploitationForm",
    "ExploitationMeans",
    "FamilyLink",
    "Identification",
    "ImportBatch",
    "LegalCode",
    "LegalParameter",
    "LegalRegime",
    "Permit",
    "Person",
    "Provision",
    "Recorded",
    "Referral",
    "ResidenceStatus",
    "Service",
    "SourceCode",
    "StaffTime",
    "StatusEvent",
    "StatusTransition",
    "code_table",
]
