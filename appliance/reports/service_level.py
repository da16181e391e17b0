"""Service level in all six variants in use. An unlabelled figure is worthless: name the variant.

One and the same day gives 30.8 to 63.6 % by choice of formula, so each figure carries its number
and formula. A≤T: answered within the threshold (inclusive); B≤T, B>T: abandoned within, after it;
B≤S: short abandons; O: offered. Sources: ICMI, "Service Level Calculations" (2005); Cisco ICM
"abandons have positive / negative impact / are ignored"; Asterisk app_queue (SL is #2, SL2 is #1);
icsoc and Huawei (X秒接通率 is #2); Bright Pattern (#4).

Worked example (ICMI): 1000 answered, 860 of them within 20 s; 60 abandoned, 20 within 20 s, 10
within 5 s: #1 83.02 %, #2 86.00 %, #3 81.13 %, #4 82.69 %, #5 82.08 %.
"""

from collections.abc import Callable, Iterable

from appliance.reports.ratios import per_cent
from appliance.reports.story import Visit
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.journal import VisitOutcome
from appliance.vocabulary.settings import ServiceLevel
from appliance.vocabulary.shape import Value


class WaitCounts(Value, frozen=True, kw_only=True):
    """What the formulae divide."""

    offered: int
    answered: int
    abandoned: int
    answered_within: int
    abandoned_within: int
    short_abandoned: int


class ServiceLevelFigure(Value, frozen=True, kw_only=True):
    """One variant's result, with its label."""

    variant: int
    formula: str
    """With this queue's threshold: "(A≤20 + B≤20) / (A + B)"; the same in every language."""
    text_key: str
    """The formula in words, a key of reports/words.py; {t} and {s} are seconds."""
    threshold_s: float
    short_abandon_s: float
    per_cent: float | None
    """None: nobody called."""


Ratio = Callable[[WaitCounts], tuple[int, int]]

VARIANTS: tuple[tuple[int, str, str, Ratio], ...] = (
    (
        1,
        "(A≤{t} + B≤{t}) / (A + B)",
        "answered or abandoned within {t} s, of all answered and abandoned",
        lambda n: (n.answered_within + n.abandoned_within, n.answered + n.abandoned),
    ),
    (
        2,
        "A≤{t} / A",
        "answered within {t} s, of all answered",
        lambda n: (n.answered_within, n.answered),
    ),
    (
        3,
        "A≤{t} / (A + B)",
        "answered within {t} s, of all answered and abandoned",
        lambda n: (n.answered_within, n.answered + n.abandoned),
    ),
    (
        4,
        "A≤{t} / (A + B>{t})",
        "answered within {t} s, of all answered and those abandoned later than {t} s",
        lambda n: (n.answered_within, n.answered + n.abandoned - n.abandoned_within),
    ),
    (
        5,
        "(A≤{t} + B≤{s}) / (A + B)",
        "answered within {t} s or abandoned within {s} s, of all answered and abandoned",
        lambda n: (n.answered_within + n.short_abandoned, n.answered + n.abandoned),
    ),
    (
        6,
        "A≤{t} / O",
        "answered within {t} s, of all offered",
        lambda n: (n.answered_within, n.offered),
    ),
)


def wait_counts(
    visits: Iterable[Visit], threshold_s: float, short_s: float, *, is_strict: bool = False
) -> WaitCounts:
    """Count the visits for a threshold; `is_strict` counts waits < T (Easemob), not ≤ T."""
    offered = answered = abandoned = answered_within = abandoned_within = short = 0
    for visit in visits:
        offered += 1
        wait = visit.wait or 0.0
        is_within = wait < threshold_s if is_strict else wait <= threshold_s
        if visit.outcome is VisitOutcome.ANSWERED:
            answered += 1
            answered_within += is_within
        elif visit.outcome is VisitOutcome.ABANDONED:
            abandoned += 1
            abandoned_within += is_within
            short += wait <= short_s
    return WaitCounts(
        offered=offered,
        answered=answered,
        abandoned=abandoned,
        answered_within=answered_within,
        abandoned_within=abandoned_within,
        short_abandoned=short,
    )


def service_levels(counts: WaitCounts, rule: ServiceLevel) -> tuple[ServiceLevelFigure, ...]:
    """Return all six variants of a count, in order of their numbers."""
    seconds = {"t": plain(rule.seconds), "s": plain(rule.short_abandon_seconds)}
    return tuple(
        ServiceLevelFigure(
            variant=number,
            formula=formula.format(**seconds),
            text_key=text_key,
            threshold_s=rule.seconds,
            short_abandon_s=rule.short_abandon_seconds,
            per_cent=per_cent(*ratio(counts)),
        )
        for number, formula, text_key, ratio in VARIANTS
    )


def service_level(counts: WaitCounts, rule: ServiceLevel) -> ServiceLevelFigure:
    """Return the variant that the rule chose. RefusedError for a number that is none of the six."""
    for figure in service_levels(counts, rule):
        if figure.variant == rule.variant:
            return figure
    raise RefusedError(
        "service_level_variant",
        f"There is no service level variant {rule.variant}.",
        f"Choose 1 to {len(VARIANTS)}.",
    )


def plain(seconds: float) -> str:
    """Return seconds as people write them: 20, not 20.0."""
    return f"{seconds:g}"
