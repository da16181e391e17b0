"""What must hold between a site's phones, ring groups, park places and numbers. Pure."""

from collections.abc import Iterator

from appliance.engines.calls.numbering import PLANS
from appliance.store.site_kinds import Wrong
from appliance.store.site_lines import Path
from appliance.vocabulary.settings import Parking, Site

MOST_PARK_PLACES = 100


def numbers_of(site: Site) -> list[str]:
    """Return all that rings when it is dialled inside: extensions, then ring groups."""
    return [*(one.number for one in site.extension), *(one.number for one in site.ring_group)]


def wrong_desk(site: Site) -> list[Wrong]:
    """Return what does not fit together of what desk phones can do."""
    return [*_wrong_extensions(site), *_wrong_groups(site), *_wrong_parking(site)]


def _wrong_extensions(site: Site) -> Iterator[Wrong]:
    emergency = PLANS[site.site.country].emergency
    for place, extension in enumerate(site.extension):
        path: Path = ("extension", place)
        if extension.number in emergency:
            yield Wrong(
                (*path, "number"), f"{extension.number} is an emergency number of this country"
            )
        for why in ("always", "busy", "no_answer", "unreachable"):
            target = getattr(extension, f"forward_{why}")
            if target == extension.number:
                yield Wrong((*path, f"forward_{why}"), "a phone cannot be forwarded to itself")
            elif target in emergency:
                yield Wrong(
                    (*path, f"forward_{why}"), "calls cannot be forwarded to an emergency number"
                )
            elif target and not _can_be_dialled(site, target):
                yield Wrong(
                    (*path, f"forward_{why}"),
                    "expected an extension, a ring group, or a number that an [[outbound]] prefix "
                    f'begins, found "{target}"',
                )


def _can_be_dialled(site: Site, target: str) -> bool:
    is_inside = target in numbers_of(site)
    return is_inside or any(target.startswith(rule.prefix) for rule in site.outbound)


def _wrong_groups(site: Site) -> Iterator[Wrong]:
    extensions = [one.number for one in site.extension]
    emergency = PLANS[site.site.country].emergency
    for place, group in enumerate(site.ring_group):
        path: Path = ("ring_group", place)
        if group.number in extensions:
            yield Wrong((*path, "number"), f"{group.number} is an extension already")
        elif group.number in emergency:
            yield Wrong((*path, "number"), f"{group.number} is an emergency number of this country")
        earlier = site.ring_group[:place]
        if any(one.id == group.id for one in earlier):
            yield Wrong((*path, "id"), f"{group.id} stands here a second time")
        if any(one.number == group.number for one in earlier):
            yield Wrong((*path, "number"), f"{group.number} stands here a second time")
        if not group.members:
            yield Wrong((*path, "members"), "expected at least one extension")
        for member_place, member in enumerate(group.members):
            where: Path = (*path, "members", member_place)
            if member not in extensions:
                listed = ", ".join(extensions[:12]) or "none"
                yield Wrong(
                    where, f'expected an extension of this site ({listed}), found "{member}"'
                )
            elif member in group.members[:member_place]:
                yield Wrong(where, f"{member} stands here a second time")


def _wrong_parking(site: Site) -> Iterator[Wrong]:
    parking = site.parking
    first, _, last = parking.slots.partition("-")
    if len(first) != len(last) or first > last:
        yield Wrong(("parking", "slots"), 'expected the first and the last place, as "701-705"')
        return
    if int(last) - int(first) >= MOST_PARK_PLACES:
        yield Wrong(("parking", "slots"), f"expected at most {MOST_PARK_PLACES} places")
    if first <= parking.number <= last and len(parking.number) == len(first):
        yield Wrong(("parking", "number"), "expected a number that is no place itself")
    if parking == Parking():
        return
    for number in numbers_of(site):
        is_place = len(number) == len(first) and first <= number <= last
        if is_place or number == parking.number:
            where = "slots" if is_place else "number"
            yield Wrong(("parking", where), f"{number} is an extension or a ring group already")
