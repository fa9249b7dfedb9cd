"""Referrals as rows: a case's family of them while an action works, and the unit or colleague asked."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record as Row

from case_store.model import Case, ReferralState, Tier, UnitKind
from case_store.referring.steps import Referral, Unit
from case_store.repository.database import Transaction
from case_store.repository.rows import CASE_COLUMNS, case_of
from case_store.staffing import RIGHTS_OF, Right, Role

_COLUMNS: Final = (
    "id", "case_id", "parent_id", "tier", "unit_id", "assignee_id", "state", "question", "asked_by",
    "asked_by_id", "asked_at", "due_at", "answer", "settled_by", "settled_at", "version",
)  # fmt: skip
_FAMILY: Final = f"SELECT {', '.join(_COLUMNS)} FROM referral WHERE case_id = $1 ORDER BY asked_at, id"  # noqa: S608  (column names of ours)
_CASE: Final = f"""
    SELECT {", ".join(f"cases.{column}" for column in CASE_COLUMNS)}
    FROM referral JOIN cases ON cases.id = referral.case_id WHERE referral.id = $1
"""  # noqa: S608  (column names of ours)
_LEADS_TO: Final = "SELECT case_id FROM tracking_code WHERE code = $1"
_CHANGE: Final = """
    UPDATE referral SET state = new.state, assignee_id = new.assignee_id, due_at = new.due_at,
        answer = new.answer, settled_by = new.settled_by, settled_at = new.settled_at,
        version = referral.version + 1
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[],
        $7::timestamptz[]) AS new (id, state, assignee_id, due_at, answer, settled_by, settled_at)
    WHERE referral.id = new.id
"""
_UNIT: Final = "SELECT id, kind, name_fa, active FROM unit WHERE id = $1"
_UNIT_OF_DESK: Final = """
    SELECT unit.id, unit.kind, unit.name_fa, unit.active
    FROM desk JOIN unit ON unit.id = desk.unit_id WHERE desk.id = $1
"""
_COLLEAGUE: Final = """
    SELECT staff.name, staff.roles FROM staff JOIN staff_unit ON staff_unit.staff_id = staff.id
    WHERE staff.id = $1 AND staff_unit.unit_id = $2 AND staff.active
"""
_NAME: Final = "SELECT name FROM staff WHERE id = $1"


async def of_case(tx: Transaction, case_id: UUID) -> list[Referral]:
    """Every referral of a case, in the order asked; the case's person is held by the caller."""
    return [_referral(row) for row in await tx.raw.fetch(_FAMILY, case_id)]


async def case_behind(tx: Transaction, referral_id: UUID) -> Case | None:
    """The case that a referral is about."""
    row = await tx.raw.fetchrow(_CASE, referral_id)
    return case_of(row) if row else None


async def leads_to(tx: Transaction, code: str) -> UUID | None:
    """The case behind a code, nothing held."""
    case_id: UUID | None = await tx.raw.fetchval(_LEADS_TO, code)
    return case_id


async def put(tx: Transaction, referral: Referral) -> None:
    """Add one."""
    await tx.copy("referral", _COLUMNS, [tuple(getattr(referral, name) for name in _COLUMNS)])


async def change(tx: Transaction, changed: Sequence[Referral]) -> None:
    """Write what an action did to referrals that exist."""
    if not changed:
        return
    rows = [(r.id, r.state, r.assignee_id, r.due_at, r.answer, r.settled_by, r.settled_at) for r in changed]
    await tx.raw.execute(_CHANGE, *zip(*rows, strict=True))
    for referral in changed:
        referral.version += 1


async def unit(tx: Transaction, unit_id: str) -> Unit | None:
    """A unit by id."""
    return _unit(await tx.raw.fetchrow(_UNIT, unit_id))


async def unit_of_desk(tx: Transaction, desk: str) -> Unit | None:
    """The unit that a desk belongs to."""
    return _unit(await tx.raw.fetchrow(_UNIT_OF_DESK, desk))


async def settles_in(tx: Transaction, staff_id: UUID, unit_id: str) -> bool:
    """Whether somebody is an active member of a unit who may answer its referrals."""
    row = await tx.raw.fetchrow(_COLLEAGUE, staff_id, unit_id)
    return row is not None and any(Right.SETTLE in RIGHTS_OF[Role(role)] for role in row["roles"])


async def name_of(tx: Transaction, staff_id: UUID) -> str | None:
    """What somebody is called."""
    name: str | None = await tx.raw.fetchval(_NAME, staff_id)
    return name


def _referral(row: Row) -> Referral:
    fields = dict(row)
    return Referral(**fields | {"tier": Tier(row["tier"]), "state": ReferralState(row["state"])})


def _unit(row: Row | None) -> Unit | None:
    return Unit(row["id"], UnitKind(row["kind"]), row["name_fa"], row["active"]) if row else None
