"""The menu around every page: the pages of a role, in one line, those of a kind under a heading."""

from dataclasses import dataclass, field

from flask import url_for

from appliance.store.people import Role
from webadmin.pages import PAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One page."""

    title: str
    """In English; the catalogues have the others."""
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pages under one heading, or (no title) pages that stand for themselves."""

    title: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_here(self) -> bool:
        """The page that is shown is one of them."""
        return any(one.is_here for one in self.entries)


def menu_of(role: Role, here: str) -> list[Group]:
    """Return the menu in the order of PAGES; `here`: the blueprint that is shown."""
    groups: list[Group] = []
    for page in PAGES:
        if not page.is_in_menu or role not in page.roles:
            continue
        if not groups or groups[-1].title != page.group:
            groups.append(Group(title=page.group))
        groups[-1].entries.append(
            Entry(title=page.title, address=url_for(page.endpoint), is_here=here == page.name)
        )
    return groups
