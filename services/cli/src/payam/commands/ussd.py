"""`payam ussd`: the menus proved, tried and drawn; all of it is the gateway's own work."""

import subprocess
import sys

import typer

ussd_app = typer.Typer(no_args_is_help=True, help="The USSD menus: lint, simulate, tree.")
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@ussd_app.command("lint", context_settings=_PASS_ON)
def lint(context: typer.Context) -> None:
    """Prove the menus; every fault with its file and line."""
    _run("lint", context)


@ussd_app.command("simulate", context_settings=_PASS_ON)
def simulate(context: typer.Context) -> None:
    """Dial in the terminal, without a network or at a running gateway."""
    _run("simulate", context)


@ussd_app.command("tree", context_settings=_PASS_ON)
def tree(context: typer.Context) -> None:
    """Draw the menus as Markdown."""
    _run("tree", context)


def _run(command: str, context: typer.Context) -> None:
    asked = [sys.executable, "-m", "gateway_ussd", command, *context.args]
    raise typer.Exit(subprocess.call(asked))  # noqa: S603  (a module of ours; the rest is the operator's own)
