"""How complete, timely and correct the records are: the report for the unit's self-monitoring."""

from thassist.quality.report import QualityReport, measure

__all__ = ["QualityReport", "measure"]
