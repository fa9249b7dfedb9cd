"""`payam partner`: other organisations' services, their keys, and what they were told."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from payam.commands.store import case_store
from payam.errors import CaseStoreError

_SCOPES: Final = ("messages:write", "messages:vouch", "cases:read", "cases:cancel", "webhooks:manage")
_MOST: Final = 50
PartnerId = Annotated[str, typer.Argument(help="Its id, from `payam partner list`.")]

partner_app = typer.Typer(
    no_args_is_help=True, help="Other organisations' services: list, add, key, revoke, deliveries, replay."
)


@partner_app.command("list")
def list_partners() -> None:
    """List the partners with their keys and endpoints."""
    store = case_store()
    partners = store.partners()
    for partner in partners:
        quotas = f"{partner['per_minute']} a minute, {partner['per_day']} a day"
        typer.echo(f"{partner['id']}  {partner['name']}  {partner['state']}  ({quotas})")
        for key in store.partner_keys(partner["id"]):
            typer.echo(f"    key {key['id']}  {key['hint']}  {_standing(key)}  {' '.join(key['scopes'])}")
        for webhook in store.webhooks(partner["id"]):
            world = "  sandbox" if webhook["sandbox"] else ""
            typer.echo(f"    webhook {webhook['id']}  {webhook['url']}  {webhook['state']}{world}")
    if not partners:
        typer.echo("No partners. Make one: payam partner add tamin-man 'تأمین من'")


@partner_app.command("add")
def add_partner(
    partner_id: Annotated[
        str, typer.Argument(help="Small Latin letters, digits and `-`; it stands on its messages for ever.")
    ],
    name: Annotated[str, typer.Argument(help="As staff know it.")],
    per_minute: Annotated[int, typer.Option(help="Requests in a minute.", min=1)] = 600,
    per_day: Annotated[int, typer.Option(help="Submissions in a day.", min=1)] = 100_000,
) -> None:
    """Make a partner; it can do nothing until it is given a key."""
    fields = {"id": partner_id, "name": name, "per_minute": per_minute, "per_day": per_day}
    made = case_store().make_partner(fields)
    typer.echo(f"Made {made['id']}. Give it a key: payam partner key {made['id']} --label '…'")


@partner_app.command("key")
def give_key(
    partner_id: PartnerId,
    label: Annotated[str, typer.Option(help="What it is for.")] = "payam partner key",
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"What it may do, again for each; all if none: {', '.join(_SCOPES)}."),
    ] = None,
    *,
    sandbox: Annotated[bool, typer.Option(help="For trying things out: nothing reaches a desk.")] = False,
    days: Annotated[
        int | None, typer.Option(help="Good for so many days; for ever if not set.", min=1)
    ] = None,
) -> None:
    """Give a partner a key. It is printed this once: only its hash is kept."""
    fields = {
        "label": label,
        "scopes": [*(scope or _SCOPES)],
        "sandbox": sandbox,
        "expires_at": _ahead(timedelta(days=days)) if days else None,
    }
    made = case_store().give_key(partner_id, fields)
    typer.echo(f"Key {made['id']}, told this once:", err=True)
    typer.echo(made["key"])


@partner_app.command("revoke")
def revoke_key(
    partner_id: PartnerId,
    key_id: Annotated[str, typer.Argument(help="The key's id, from `payam partner list`.")],
    hours: Annotated[
        float, typer.Option(help="Only after so many hours: time to go over to another key.", min=0)
    ] = 0,
) -> None:
    """Take a key back, now or later."""
    at = _ahead(timedelta(hours=hours)) if hours else None
    revoked = case_store().revoke_key(partner_id, key_id, at)
    typer.echo(f"{revoked['hint']} ends at {revoked['revoked_at']}.")


@partner_app.command("deliveries")
def list_deliveries(
    partner_id: PartnerId,
    state: Annotated[str | None, typer.Option(help="Only pending, delivered or dead ones.")] = None,
    most: Annotated[int, typer.Option(help="So many of each endpoint.", min=1)] = _MOST,
) -> None:
    """List what a partner was told by its webhooks, the newest first."""
    store = case_store()
    webhooks = store.webhooks(partner_id)
    for webhook in webhooks:
        typer.echo(f"{webhook['url']}  {webhook['state']}")
        for delivery in store.deliveries(partner_id, webhook["id"], state, most):
            # Two lines each: both ids must be copied whole, and a terminal may have 80 columns.
            typer.echo(f"  {webhook['id']} {delivery['id']}")
            about = (delivery["tracking_code"] or "–", delivery["created_at"], _went(delivery))
            typer.echo(f"    {delivery['state']}  {delivery['type']}  {'  '.join(about)}")
    if not webhooks:
        typer.echo("No webhooks.")


@partner_app.command("replay")
def replay_deliveries(
    partner_id: PartnerId,
    webhook_id: Annotated[str | None, typer.Argument(help="From `payam partner deliveries`.")] = None,
    delivery_id: Annotated[str | None, typer.Argument(help="From the same line.")] = None,
    *,
    dead: Annotated[bool, typer.Option("--dead", help="Every one that was given up.")] = False,
) -> None:
    """Tell a partner something again, or with --dead everything that was given up."""
    if dead is (delivery_id is not None):
        raise CaseStoreError(
            what="Nothing chosen.", mend="Give both ids of a line of `payam partner deliveries`, or --dead."
        )
    store = case_store()
    if webhook_id is not None and delivery_id is not None:
        store.replay_delivery(partner_id, webhook_id, delivery_id)
        typer.echo(f"Told again: {delivery_id}.")
        return
    wanted = [webhook_id] if webhook_id else [webhook["id"] for webhook in store.webhooks(partner_id)]
    # Read to the end first: what is told again is dead no more, and the pages would move.
    lost = [(one, [*store.deliveries(partner_id, one, "dead", 100_000)]) for one in wanted]
    for one, deliveries in lost:
        for delivery in reversed(deliveries):
            store.replay_delivery(partner_id, one, delivery["id"])
    typer.echo(f"Told again: {sum(len(deliveries) for _, deliveries in lost)}.")


def _ahead(time: timedelta) -> str:
    return (datetime.now(UTC) + time).isoformat()


def _standing(key: dict[str, Any]) -> str:
    """Whether a key is good, and until when."""
    ends = min((at for at in (key["expires_at"], key["revoked_at"]) if at), default=None)
    if not key["good"]:
        return "ended"
    world = "sandbox" if key["sandbox"] else "live"
    return f"{world} until {ends}" if ends else world


def _went(delivery: dict[str, Any]) -> str:
    """How the last try went."""
    if not delivery["attempts"]:
        return "not tried yet"
    last = delivery["attempts"][-1]
    return f"{len(delivery['attempts'])} tries, the last: {last['status'] or last['error']}"
