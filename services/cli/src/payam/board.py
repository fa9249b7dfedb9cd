"""What the operator sees: the live board of every part, and the lines to try it with."""

from collections.abc import Iterable, Mapping
from typing import Final

import psutil
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from payam.status import PartStatus, State
from payam.topology import SERVICES, base_url

_COLOURS: Final[Mapping[State, str]] = {
    State.WAITING: "dim",
    State.STARTING: "yellow",
    State.READY: "green",
    State.NOT_READY: "red",
    State.RESTARTING: "red",
    State.DRAINING: "yellow",
    State.ENDED: "dim",
}
_SHOWN_SECRETS: Final = (
    *("KAVENEGAR_WEBHOOK_SECRET", "CASE_STORE_TOKEN", "PARTNER_API_KEY"),
    *("DESK_ADMIN_USER", "DESK_ADMIN_PASSWORD"),
)


def board(statuses: Iterable[PartStatus], footer: str) -> RenderableType:
    """One row a part."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("part")
    table.add_column("state")
    for heading in ("pid", "up", "restarts", "memory"):
        table.add_column(heading, justify="right")
    table.add_column("why not ready", overflow="fold")
    for status in statuses:
        table.add_row(
            status.name,
            Text(f"● {_state_of(status)}", style=_COLOURS[status.state]),
            str(status.pid or "–"),
            _duration(status.uptime),
            str(status.restarts or "–"),
            _memory(status.pid),
            status.reason,
        )
    return Group(table, Text(footer, style="dim"))


def welcome(secrets: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """Links, development secrets, and two commands to try; plain lines, so that they can be copied whole."""
    links = [
        f"  {label:<18} {base_url(plan.name, environment)}{path}"
        for plan in SERVICES
        for label, path in plan.links.items()
    ]
    return [
        "Open:",
        *links,
        "",
        "Development secrets (payam secrets prints them again):",
        *(f"  {name}={secrets[name]}" for name in _SHOWN_SECRETS),
        "",
        "Send an SMS as Kavenegar would, then look at its case:",
        f"  {sms_command(secrets, environment)}",
        f"  {case_command(secrets, environment)}",
    ]


def sms_command(secrets: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """One line for a shell that pushes a Persian SMS to the webhook."""
    url = f"{base_url('gateway-sms', environment)}/kavenegar/{secrets['KAVENEGAR_WEBHOOK_SECRET']}/mo"
    fields = {
        "messageid": "$(date +%s)",
        "from": "09123456780",
        "to": "10001420",
        "message": "سلام، سابقه بیمه من برای سال گذشته ثبت نشده است.",
    }
    return f"curl -s '{url}' " + " ".join(
        f'--data-urlencode "{name}={value}"' for name, value in fields.items()
    )


def case_command(secrets: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """One line for a shell that shows the newest case."""
    url = f"{base_url('case-store', environment)}/api/v1/cases?limit=1"
    return (
        f"curl -s -H 'Authorization: Bearer {secrets['CASE_STORE_TOKEN']}' '{url}'"
        " | python3 -m json.tool --no-ensure-ascii"
    )


def plain_line(status: PartStatus) -> str:
    """One line for a log that is no terminal."""
    pid = f" (pid {status.pid})" if status.pid and status.state is State.STARTING else ""
    took = f" after {status.ready_after:.1f} s" if status.state is State.READY and status.ready_after else ""
    return f"{status.name}: {_state_of(status)}{pid}{took}{': ' + status.reason if status.reason else ''}"


def _state_of(status: PartStatus) -> str:
    return "ready (given)" if status.kind == "given" and status.state is State.READY else status.state.value


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _memory(pid: int | None) -> str:
    """Resident memory with its children, shared pages once."""
    if pid is None:
        return "–"
    try:
        main = psutil.Process(pid)
        total = main.memory_info().rss
        for child in main.children(recursive=True):
            memory = child.memory_info()
            total += memory.rss - memory.shared
    except psutil.Error:
        return "–"
    return f"{total / 1_000_000:.0f} MB"
