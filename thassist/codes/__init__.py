"""Classifications at a version and a validity date, with labels in three languages, and correspondences.

Read from ``reports/classifications/<id>@<version>.csv`` (the codes) with ``<id>@<version>.toml`` beside it (title,
source, confidence), and from ``reports/correspondences/<source>@<v>--<target>@<v>.csv``. Contested mappings are
settings (``reports/settings.toml``).
"""

from thassist.codes.classification import (
    NOT_APPLICABLE,
    TOTAL,
    UNKNOWN,
    Classification,
    Code,
    all_classifications,
    classification,
)
from thassist.codes.correspondence import Correspondence, all_correspondences, correspondence
from thassist.codes.settings import Setting, all_settings, setting

__all__ = [
    "NOT_APPLICABLE",
    "TOTAL",
    "UNKNOWN",
    "Classification",
    "Code",
    "Correspondence",
    "Setting",
    "all_classifications",
    "all_correspondences",
    "all_settings",
    "classification",
    "correspondence",
    "setting",
]
