"""The command behind make run, make demo and make clean."""

import argparse
import os
import sys

from lra_portal.quickstart.steps import complain

LARGEST_PORT = 65534


def main() -> int:
    """Do what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(prog="lra_portal.quickstart", description=__doc__)
    parser.add_argument("command", choices=["run", "demo", "clean", "code"])
    command = parser.parse_args().command
    if command == "run":
        return _run()
    if command == "demo":
        from lra_portal.quickstart.demo import Demo, run_demo  # noqa: PLC0415

        return run_demo(Demo())
    if command == "code":
        return _print_codes()
    from lra_portal.quickstart.clean import clean  # noqa: PLC0415

    return clean()


def _run() -> int:
    from lra_portal.quickstart.run import run  # noqa: PLC0415

    typed = os.environ.get("PORT") or "8000"
    if not typed.isdecimal() or not 1 <= int(typed) <= LARGEST_PORT:
        complain(f"PORT must be a number from 1 to {LARGEST_PORT}, not {typed!r}.")
        return 2
    return run(int(typed))


def _print_codes() -> int:
    from lra_portal.demo.people import PEOPLE  # noqa: PLC0415
    from lra_portal.demo.second_factor import code_now  # noqa: PLC0415

    for person in PEOPLE:
        if person.totp_secret:
            print(f"{code_now(person.totp_secret)}  {person.email}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
