"""What a flow knows of its call by name: facts of the call, and variables that its nodes set."""

import re
from collections.abc import Callable, Mapping

from appliance.engines.ivr.facts import RunState
from appliance.vocabulary.settings import Site

FACTS = ("caller", "called", "language", "vip", "holiday")
"""Names that no node may set. vip: yes for a number that a queue of the site lists as VIP; holiday:
yes on a day that the site's first calendar closes as a holiday, or by its date."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
NAME_EXPECTED = "a name of small letters, digits and _ (32 at most), and none of: " + ", ".join(
    FACTS
)
_BRACES = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def is_variable(name: str) -> bool:
    """Whether a node may set this name."""
    return NAME.fullmatch(name) is not None and name not in FACTS


def value_of(state: RunState, site: Site, name: str) -> str:
    """Return a fact or a variable; "" for what nobody has set."""
    match name:
        case "caller":
            return state.facts.caller
        case "called":
            return state.facts.called
        case "language":
            return state.language
        case "vip":
            return "yes" if _is_vip(site, state.facts.caller) else "no"
        case _:
            return state.variables.get(name, "")


def filled(template: str, value: Callable[[str], str]) -> str:
    """Return the template with each {name} replaced by its value."""
    return _BRACES.sub(lambda found: value(found[1]), template)


def names_in(template: str) -> list[str]:
    """Return the names that a template asks for."""
    return _BRACES.findall(template)


def _is_vip(site: Site, caller: str) -> bool:
    return bool(caller) and any(caller in queue.vip_numbers for queue in site.queue)


def matching(cases: Mapping[str, str], value: str) -> str | None:
    """Return what stands behind the pattern that fits best: the exact one, else the longest
    beginning ("139*"); None when none fits.

    Worked example: 13900001111 against {"139*": a, "1390*": b, "*": c} is b.
    """
    if value in cases:
        return cases[value]
    begins = [
        pattern
        for pattern in cases
        if pattern.endswith("*") and value.startswith(pattern.removesuffix("*"))
    ]
    return cases[max(begins, key=len)] if begins else None
