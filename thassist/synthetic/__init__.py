"""Synthetic case data: made-up records whose margins are the published figures, always labelled synthetic."""

from thassist.synthetic.generator import generate

__all__ = ["generate"]
