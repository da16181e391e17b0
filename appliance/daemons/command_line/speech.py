"""`linghe speech …`: install voices, render what is missing, try a sentence.

The worker is a process of its own (niced, with large models); this verb only passes words on.
"""

import argparse
import subprocess
import sys

NAME = "speech"
HELP = "install the box's voices, render prompts, say a sentence into a file"
EXAMPLES = """\
  linghe speech status
  linghe speech install --language zh
  linghe speech say "Welcome." --language en --out welcome.wav
  linghe speech import /media/stick/models
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything that follows is the worker's."""
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, help="status, install, render, say TEXT, import FOLDER"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Run the worker in the foreground."""
    words = list(arguments.words) or ["--help"]
    if arguments.json and words[0] in ("status", "say"):
        words.append("--json")
    return subprocess.run(
        [sys.executable, "-I", "-m", "appliance.daemons.speech", *words], check=False
    ).returncode
