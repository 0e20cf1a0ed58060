"""`python -m scif.runtime demo [--once] [--port 8000]`, and `manage COMMAND …` beside it."""

import argparse
import os
import sys

import psycopg
from rich.console import Console

from scif.runtime.demo import demo, say
from scif.runtime.errors import CannotStart, explain_log, explain_os_error
from scif.runtime.manage import manage


def main() -> int:
    """Run a command; a failure to start is one line and status 1."""
    parser = argparse.ArgumentParser(prog="python -m scif.runtime")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("demo", help="start everything and play one visit")
    command.add_argument("--once", action="store_true", help="play the visit and exit")
    command.add_argument("--port", default=os.environ.get("PORT", "8000"))
    command = commands.add_parser("manage", help="a management command beside the demonstration")
    command.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        if "words" in options:
            return manage(options.words)
        return demo(Console(), port=options.port, once=options.once)
    except CannotStart as reason:
        say(Console(stderr=True), f"Cannot start: {reason}")
    except OSError as error:
        say(Console(stderr=True), f"Cannot start: {explain_os_error(error)}")
    except psycopg.Error as error:
        say(Console(stderr=True), f"Cannot start: the database: {explain_log(str(error))}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
