"""bartizan-run, and `python -m bartizan run | doctor | cases`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
from typing import List, Optional


def run(arguments: Optional[List[str]] = None) -> int:
    """Starts a command with protection under the application that it serves."""
    command = sys.argv[1:] if arguments is None else arguments
    if not command or command[0] in ("-h", "--help"):
        print("usage: bartizan-run COMMAND …     such as: bartizan-run gunicorn shop:app", file=sys.stderr)
        return 0 if command else 2
    program = shutil.which(command[0])
    if program is None:
        print(f"bartizan-run: there is no program {command[0]}; is it installed, and on the PATH?", file=sys.stderr)
        return 127
    os.environ["BARTIZAN_ENABLED"] = "true"
    # Where the package is not installed but only found by path, the interpreter needs a word at its start.
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_start")
    paths = [here, os.path.dirname(os.path.dirname(here)), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.execv(program, command)


def doctor(arguments: argparse.Namespace) -> int:
    """Checks engine, settings and rules; of a running application the addresses are in Protection.doctor()."""
    from ._protection import Protection

    report = Protection(rules=arguments.rules) if arguments.rules else Protection()
    told = report.doctor()
    told.pop("sent", None)
    if told.pop("never_sent", None) is not None:
        told["note"] = (
            "`wanted` are the addresses that the rules look at; what your application never sent stands in "
            "Protection.doctor() inside of it"
        )
    print(json.dumps(told, indent=2))
    return 1 if told["problems"] else 0


def main() -> int:
    """The command line."""
    logging.basicConfig(format="bartizan: %(message)s")
    if sys.argv[1:2] == ["run"]:
        return run(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m bartizan")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("run", help="start a command with protection under its application")
    checks = commands.add_parser("doctor", help="check engine, settings and rules")
    checks.add_argument("rules", nargs="*", help="files, folders or URLs; otherwise BARTIZAN_RULES")
    checks.set_defaults(do=doctor)
    arguments = parser.parse_args()
    return arguments.do(arguments)


if __name__ == "__main__":
    sys.exit(main())
