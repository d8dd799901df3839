"""Two persons that may be one: candidates with reasons and a score."""

from thassist.duplicates.linkage import Candidate, candidates
from thassist.duplicates.model import LinkageModel, load

__all__ = ["Candidate", "LinkageModel", "candidates", "load"]
