"""Check a publication that is already out, ours or anyone's: does it contradict itself, and what does it give away?

The figures are read by a profile (``reports/verify/<id>.toml``), which says which column is what and which checks
apply with which tolerance; no code knows a publisher. Everything found is told at once, as findings by row.
"""

from thassist.verify.profile import Profile, load, profile_ids
from thassist.verify.runner import Verification, verify

__all__ = ["Profile", "Verification", "load", "profile_ids", "verify"]
