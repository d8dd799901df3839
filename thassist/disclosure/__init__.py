"""Disclosure control: what is published, alone and together with all that was published before, reveals nobody.

The policy, the equations between figures, the audit that plays the attacker, the protectors, and the ledger of what has
ever left the house.
"""
