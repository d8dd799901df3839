"""Where is the error? The smallest set of fields that would have to change, after Fellegi and Holt (1976)."""

from thassist.rules.localise.locate import Coverage, Location, Suspect, coverage, locate

__all__ = ["Coverage", "Location", "Suspect", "coverage", "locate"]
