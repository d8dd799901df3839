"""Exchange of records with other organisations: victims' records in their fields, restricted or made anonymous.

Such a file is no publication. What goes out, to whom and why stands in the register of exchanges first.
"""

from thassist.exchange.definition import Definition, exchange_ids, load
from thassist.exchange.handing import Handed, hand_over

__all__ = ["Definition", "Handed", "exchange_ids", "hand_over", "load"]
