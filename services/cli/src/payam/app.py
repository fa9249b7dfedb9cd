"""The only place where the commands are put together."""

import sys

import typer

from payam.commands.audit import audit_app
from payam.commands.cases import case
from payam.commands.dead_letters import dlq_app
from payam.commands.deployment import migrate, secrets, topics_app
from payam.commands.doctor import doctor
from payam.commands.partners import partner_app
from payam.commands.seed import seed
from payam.commands.up import up
from payam.commands.ussd import ussd_app
from payam.errors import OperatorError


def build_app() -> typer.Typer:
    """Put the command and all its subcommands together."""
    app = typer.Typer(
        name="payam",
        help="Starts the flow on one machine and looks after it.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for command in (up, doctor, secrets, migrate, seed, case):
        app.command()(command)
    app.add_typer(topics_app, name="topics")
    app.add_typer(dlq_app, name="dlq")
    app.add_typer(audit_app, name="audit")
    app.add_typer(partner_app, name="partner")
    app.add_typer(ussd_app, name="ussd")
    return app


def main() -> None:
    """Run the command; what the operator can mend is one line and exit code 1."""
    try:
        build_app()()
    except OperatorError as error:
        typer.echo(f"payam: {error}", err=True)
        sys.exit(1)
