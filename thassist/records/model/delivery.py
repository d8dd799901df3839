"""Who stored a row and in which delivery, and which versions of the code lists the database holds."""

import datetime as dt

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import Base, flag_checks


class CodeList(Base):
    """The version of a code list that the database holds."""

    __tablename__ = "code_list"
    __table_args__ = ({"comment": "Which version of each code list the «cl_» tables hold, since «thassist init»."},)

    list_id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="The code list.")
    version: Mapped[str] = mapped_column(String(20), comment="Version of its file in reports/classifications.")


class Recorded:
    """Who stored a row, when, and in which import."""

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batch.batch_id"), comment="The import that stored the row.", sort_order=1
    )
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime, comment="When the row was stored (UTC).", sort_order=2)
    recorded_by: Mapped[str] = mapped_column(String(64), comment="Account that stored the row.", sort_order=3)


#: Columns that say who stored a row; they are not part of what was recorded.
BOOKKEEPING = ("batch_id", "recorded_at", "recorded_by")


class ImportBatch(Base):
    """One accepted delivery."""

    __tablename__ = "import_batch"
    __table_args__ = (
        *flag_checks("synthetic"),
        {"comment": "One accepted delivery: all of it was stored, in one transaction."},
    )

    batch_id: Mapped[int] = mapped_column(primary_key=True, comment="Running number of the import.")
    profile: Mapped[str] = mapped_column(String(64), comment="Mapping profile by which the file was read.")
    file_sha256: Mapped[str] = mapped_column(
        String(64),
        comment="SHA-256 of the file's bytes. The file name is not kept: it may hold a name.",
        unique=True,
    )
    synthetic: Mapped[bool] = mapped_column(comment="True where the delivery is made-up data; every output says so.")
    row_count: Mapped[int] = mapped_column(comment="Records stored.")
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime, comment="When the import was stored (UTC).")
    recorded_by: Mapped[str] = mapped_column(String(64), comment="Account that ran the import.")
