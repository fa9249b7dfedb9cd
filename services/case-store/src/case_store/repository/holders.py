"""Members of the staff as holders of cases: their name, and whether a case can be given to them."""

from typing import Final
from uuid import UUID

from case_store.repository.database import Transaction
from case_store.staffing import Actor, Role, member

_NAME: Final = "SELECT name FROM staff WHERE id = $1"
_MEMBER: Final = """
    SELECT staff.name, staff.roles, array_remove(array_agg(DISTINCT staff_unit.unit_id), NULL) AS units,
        array_remove(array_agg(DISTINCT desk.id), NULL) AS desks
    FROM staff LEFT JOIN staff_unit ON staff_unit.staff_id = staff.id
    LEFT JOIN desk ON desk.unit_id = staff_unit.unit_id
    WHERE staff.id = $1 AND staff.active GROUP BY staff.id
"""


async def name_of(tx: Transaction, staff_id: UUID) -> str | None:
    """What somebody is called."""
    name: str | None = await tx.raw.fetchval(_NAME, staff_id)
    return name


async def find(tx: Transaction, staff_id: UUID) -> Actor | None:
    """A member of the staff who may be given work; None where there is none or they left."""
    row = await tx.raw.fetchrow(_MEMBER, staff_id)
    if row is None:
        return None
    roles = frozenset(Role(role) for role in row["roles"])
    return member(staff_id, row["name"], roles, frozenset(row["units"]), frozenset(row["desks"]))
