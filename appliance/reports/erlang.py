"""Erlang B, C and A: what callers will see with so many lines and so many agents.

    a        offered load in erlangs: calls a second × mean handling time
    B(0) = 1, B(k) = a·B(k−1) / (k + a·B(k−1))                        lost (lines all busy)
    C(n) = n·B(n) / (n − a·(1 − B(n)))                                waits (nobody gives up)
    mean wait = C·h / (n − a);  SL(t) = 1 − C·e^(−(n−a)·t/h)

Erlang C holds only for a < n: with more work than agents the queue grows without end, and a
number for it would be a lie, so it is refused. Erlang A (M/M/n+M) lets callers give up after an
exponential patience and holds for any load. Sources: A. K. Erlang (1917); Garnett, Mandelbaum,
Reiman (2002); Mandelbaum, Zeltyn, "The impact of customers' patience" (2004) for J and ε.

Worked example: 100 calls in 30 min of 180 s (a = 10), 14 agents: 17.41 % wait, 7.84 s on average,
88.84 % are answered within 20 s (published by pyworkforce, R's ErlangC and Call Centre Helper).
"""

from math import exp, expm1

from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.shape import Value


class Waiting(Value, frozen=True, kw_only=True):
    """What callers see. Shares are fractions of 1."""

    waits: float
    """Share of callers who wait at all."""
    mean_wait_s: float
    """Over all callers."""
    within: float
    """Share of all callers who are answered within the threshold."""
    occupancy: float
    abandons: float
    """Share of callers who give up; 0 in Erlang C."""
    mean_queue: float
    """Callers waiting, on average."""


def erlang_b(load: float, lines: int) -> float:
    """Return the share of calls that find all lines busy and are lost."""
    if load < 0 or lines < 0:
        raise RefusedError("load", "Load and lines cannot be negative.")
    lost = 1.0
    for line in range(1, lines + 1):
        lost = load * lost / (line + load * lost)
    return lost


def erlang_c(calls_per_s: float, handle_s: float, agents: int, within_s: float) -> Waiting:
    """Return the waiting where nobody gives up. RefusedError for load ≥ agents."""
    load = calls_per_s * handle_s
    if load >= agents:
        raise RefusedError(
            "overload",
            f"{load:g} erlangs are too much for {agents} agents: the queue would grow for ever.",
            f"At least {int(load) + 1} agents are needed.",
        )
    lost = erlang_b(load, agents)
    waits = agents * lost / (agents - load * (1.0 - lost))
    spare = (agents - load) / handle_s
    mean_wait = waits / spare
    return Waiting(
        waits=waits,
        mean_wait_s=mean_wait,
        within=1.0 - waits * exp(-spare * within_s),
        occupancy=load / agents,
        abandons=0.0,
        mean_queue=calls_per_s * mean_wait,
    )


def erlang_a(
    calls_per_s: float, handle_s: float, agents: int, within_s: float, patience_s: float
) -> Waiting:
    """Return the waiting where callers give up after `patience_s` on average."""
    if min(calls_per_s, handle_s, patience_s) <= 0 or agents < 1:
        raise RefusedError("load", "Calls, handling time, patience and agents must be above 0.")
    model = _ErlangA(calls_per_s, 1.0 / handle_s, agents, 1.0 / patience_s)
    abandons = model.abandons
    mean_wait = abandons * patience_s
    return Waiting(
        waits=model.waits,
        mean_wait_s=mean_wait,
        within=model.served_within(within_s),
        occupancy=calls_per_s * (1.0 - abandons) * handle_s / agents,
        abandons=abandons,
        mean_queue=calls_per_s * mean_wait,
    )


class _ErlangA:
    """M/M/n+M: the states of the queue, and the wait of a caller of endless patience.

    Callers arrive at λ, are served at nμ when all are busy, and give up at θ each. With V that
    wait, H(x) = (1 − e^(−θx))/θ and φ(x) = exp(λH(x) − nμx), V has the density c·λ·φ(x). At
    x = 0 it is nμ·P(all busy, nobody waits), which gives c without an integral to infinity.
    """

    def __init__(self, arrive: float, serve: float, agents: int, give_up: float) -> None:
        self._arrive, self._full, self._give_up = arrive, agents * serve, give_up
        busy, weight = 0.0, 1.0
        for state in range(agents, 0, -1):
            weight *= state * serve / arrive
            busy += weight
        queue = self._queue_weights()
        whole = busy + sum(queue)
        self.waits = sum(queue) / whole
        """Share of arrivals that find all agents busy."""
        waiting = sum(number * weight for number, weight in enumerate(queue)) / whole
        self.abandons = give_up * waiting / arrive
        self._scale = self._full / arrive / whole

    def _queue_weights(self) -> list[float]:
        """Return the likelihoods of 0, 1, 2 … waiting callers, all busy and 0 waiting being 1."""
        weights = [1.0]
        total = 1.0
        while True:
            ratio = self._arrive / (self._full + len(weights) * self._give_up)
            weight = weights[-1] * ratio
            if ratio < 1.0 and weight < 1e-17 * total:
                return weights
            weights.append(weight)
            total += weight

    def _phi(self, x: float) -> float:
        rest = -expm1(-self._give_up * x) / self._give_up
        return exp(self._arrive * rest - self._full * x)

    def served_within(self, seconds: float) -> float:
        """Return the share of all callers who are answered within `seconds`.

        Who needs the wait x is still there with e^(−θx); λ∫e^(−θx)φ = φ(t) − 1 + nμ∫φ over
        [0, t], since φ' = (λe^(−θx) − nμ)φ. ∫φ by Simpson's rule.
        """
        if seconds <= 0:
            return 1.0 - self.waits
        steps = 2000
        step = seconds / steps
        inner = sum((4 if k % 2 else 2) * self._phi(k * step) for k in range(1, steps))
        integral = (self._phi(0.0) + inner + self._phi(seconds)) * step / 3
        gained = self._phi(seconds) - 1.0 + self._full * integral
        return 1.0 - self.waits + self._scale * gained
