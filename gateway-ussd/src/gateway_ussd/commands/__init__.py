"""`python -m gateway_ussd lint | simulate | tree`: the menus proved, tried and drawn, without an operator."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway_ussd.commands.dialler import Dialogue, Offline, Online, converse
from gateway_ussd.commands.picture import drawn, put_into
from gateway_ussd.errors import MenuError
from gateway_ussd.menus import SHIPPED, Menu, load

__all__ = ["main"]

_FAULTY = 1


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; the exit code: 1 where the menus have faults."""
    asked = _parser().parse_args(arguments)
    try:
        menu = load(asked.menus)
    except MenuError as error:
        sys.stderr.write("".join(f"{fault}\n" for fault in error.faults))
        return _FAULTY
    run = {"lint": _lint, "simulate": _simulate, "tree": _tree}[asked.command]
    return run(menu, asked)


def _lint(menu: Menu, asked: argparse.Namespace) -> int:
    sys.stdout.write(f"{asked.menus}: {len(menu.screens)} screens, version {menu.version}, no faults\n")
    return 0


def _simulate(menu: Menu, asked: argparse.Namespace) -> int:
    dialogue: Dialogue = Offline(menu, language=asked.language, latin=asked.latin)
    if asked.url is not None:
        dialogue = Online(asked.url, asked.provider, asked.number)
    return converse(dialogue, asked.code, sys.stdin, sys.stdout)


def _tree(menu: Menu, asked: argparse.Namespace) -> int:
    if asked.into is None:
        sys.stdout.write(drawn(menu))
    else:
        asked.into.write_text(put_into(asked.into.read_text(), drawn(menu)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ussd", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    lint = commands.add_parser("lint", help="prove the menus; every fault with its file and line")
    simulate = commands.add_parser("simulate", help="dial in the terminal")
    tree = commands.add_parser("tree", help="draw the menus as Markdown")
    for command in (lint, simulate, tree):
        command.add_argument("--menus", type=Path, default=SHIPPED, help="folder of the menus")
    simulate.add_argument("code", nargs="?", default="*4*1420#", help="what is dialled: *4*1420*1*2#")
    simulate.add_argument("--language", choices=("fa", "en"), default="fa")
    simulate.add_argument("--latin", action="store_true", help="as a phone that shows no Persian")
    simulate.add_argument("--url", help="a running gateway (http://127.0.0.1:8020); without it, no network")
    simulate.add_argument("--provider", default="africastalking", help="with --url: one of that form")
    simulate.add_argument("--number", default="+989121234567", help="with --url: who dials")
    tree.add_argument("--into", type=Path, help="a file with the marks between which it is put")
    return parser
