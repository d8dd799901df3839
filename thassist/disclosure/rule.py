"""What a reader must not be able to work out: the part of the policy that the audit and the protectors need."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

OUTSIDER, OUTSIDER_RULES, INSIDER = "outsider", "outsider_rules", "insider"
ATTACKERS = (OUTSIDER_RULES, OUTSIDER, INSIDER)


class PolicyLike(Protocol):
    """What is read from a policy: :class:`thassist.disclosure.policy.Policy` or anything with the same attributes."""

    @property
    def threshold(self) -> int: ...  # noqa: D102
    @property
    def zeros_shown(self) -> bool: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def attackers(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Rule:
    """The requirement on every figure.

    Attributes:
        threshold: k; counts from 1 to k - 1 are small. At least 3.
        zeros_shown: zeros are printed, so a withheld figure is known to be 1 or more.
        width: the least distance, in units, between the ends of what can be worked out for a small figure.
        attackers: whom to play; of :data:`ATTACKERS`.
        protect_seconds, audit_seconds: limits of time. What is not finished by then is not safe.
        promise: ``threshold`` (it must look possible that the figure is k or more), or ``interval``: tau-ARGUS's weaker
            one (the figure could be 1 more and 1 less, for a reader who does not know that zeros are printed).
    """

    threshold: int = 5
    zeros_shown: bool = True
    width: int = 1
    attackers: tuple[str, ...] = ATTACKERS
    protect_seconds: float = 600.0
    audit_seconds: float = 600.0
    promise: str = "threshold"

    def __post_init__(self) -> None:
        """Refuse what would protect nobody.

        Raises:
            ValueError: a threshold below 3, a width below 1, an unknown attacker or promise.
        """
        wrong = set(self.attackers) - set(ATTACKERS)
        if self.threshold < 3 or self.width < 1 or wrong or self.promise not in {"threshold", "interval"}:
            raise ValueError(self)

    @classmethod
    def of(cls, policy: "PolicyLike | Rule") -> "Rule":
        """The requirement in a policy."""
        if isinstance(policy, Rule):
            return policy
        return cls(
            policy.threshold,
            policy.zeros_shown,
            policy.width,
            policy.attackers,
            float(getattr(policy, "protect_seconds", 600)),
            float(getattr(policy, "audit_seconds", 600)),
        )

    def least(self, attacker: str) -> float:
        """What this attacker knows a withheld figure to be at least."""
        return 1.0 if self.zeros_shown and attacker != OUTSIDER else 0.0

    def with_attackers(self, attackers: Iterable[str]) -> "Rule":
        """The same rule against other attackers."""
        from dataclasses import replace

        return replace(self, attackers=tuple(attackers))
