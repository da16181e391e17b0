"""`linghe export`: the box in the form that `linghe apply` reads."""

import argparse

from appliance.daemons.command_line.verb import EXIT_DONE, box_settings, print_json
from appliance.store.site_file import write_site

NAME = "export"
HELP = "print the box as a site file, with digests in the place of secrets"
EXAMPLES = """\
  linghe export > site.toml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def carry_out(arguments: argparse.Namespace) -> int:
    """Print the site that holds now."""
    store = box_settings()
    site = store.current()
    store.close()
    if arguments.json:
        print_json(site)
    else:
        print(write_site(site), end="")
    return EXIT_DONE
