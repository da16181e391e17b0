"""What a page is: its name, its title, who may see it, its views."""

from dataclasses import dataclass

from flask import Blueprint

from appliance.store.people import Role

OWNER = frozenset({Role.OWNER})
EVERYBODY = frozenset({Role.OWNER, Role.AGENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One entry of PAGES."""

    blueprint: Blueprint
    """Named like its folder; its view `show` is the page itself."""
    title: str
    """In English; the catalogues have the others."""
    roles: frozenset[Role]
    """Who may see it; nobody else may, whatever the address."""
    is_in_menu: bool = True
    group: str = ""
    """The heading under which the menu has it, in English; empty: it stands for itself."""

    @property
    def name(self) -> str:
        """The folder's and blueprint's name."""
        return self.blueprint.name

    @property
    def endpoint(self) -> str:
        """What url_for makes the page's address from."""
        return f"{self.name}.show"
