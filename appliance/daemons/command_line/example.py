"""`linghe example`: a whole small site to begin with, in the reader's language."""

import argparse
from pathlib import Path

from appliance.daemons.command_line.verb import EXIT_DONE, print_json
from appliance.vocabulary.settings import Language

NAME = "example"
HELP = "print a small site file to begin with"
EXAMPLES = """\
  linghe example --language zh > site.toml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """In which language."""
    parser.add_argument(
        "--language", choices=[str(one) for one in Language], default="en", help="en (default)"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Print it; the box is not asked and not changed."""
    text = example_text(Language(arguments.language))
    if arguments.json:
        print_json({"site": text})
    else:
        print(text, end="")
    return EXIT_DONE


def example_text(language: Language) -> str:
    """Return the example of a language."""
    return Path(__file__).with_name(f"example_{language}.toml").read_text(encoding="utf-8")
