"""Who may do what: roles, the rights that they bring, and how far each reaches. Pure.

A right says which verb; reach says on which cases. Section staff reach the desks of their units, a liaison
only what was referred to their unit, supervisors and auditors everything. A service token reaches everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from case_store.errors import ForbiddenError


class Role(StrEnum):
    """What somebody is employed to do; a person may have several."""

    AGENT = "agent"
    EXPERT = "expert"
    LIAISON = "liaison"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Right(StrEnum):
    """One verb."""

    READ = "read"
    """Cases within reach."""
    READ_ALL = "read_all"
    """Every case, whoever it belongs to."""
    ANSWER = "answer"
    """Claim, reply, close, reopen, note, reclassify, link, register a contact, draft."""
    REFER = "refer"
    """Ask an expert or a liaison, recall."""
    SETTLE = "settle"
    """Answer, return or forward a referral of one's own unit."""
    ASSIGN = "assign"
    """Give a case to somebody, or take it from them."""
    SUPERVISE = "supervise"
    """Queues, breaches, who does what."""
    EDIT_PEOPLE = "edit_people"
    """Name, addresses; merge two persons and part them."""
    READ_IDENTITY = "read_identity"
    """See a national id unmasked."""
    WRITE_ANSWERS = "write_answers"
    """Draft and submit standard answers."""
    APPROVE_ANSWERS = "approve_answers"
    """Approve, withdraw and retire them."""
    ISSUE_OFFICIAL = "issue_official"
    """Issue and revoke official replies."""
    CONFIGURE = "configure"
    """Calendar, allowances, units, desks."""
    MANAGE_STAFF = "manage_staff"
    READ_AUDIT = "read_audit"
    EXPORT = "export"
    OPERATE = "operate"
    """Dead letters, leases of tracking codes: services alone."""
    SPEAK_FOR_CITIZENS = "speak_for_citizens"
    """See what a person may see of their own, once a gateway has found out who they are: services alone."""
    MANAGE_PARTNERS = "manage_partners"
    """Partners, their keys and webhooks."""
    SPEAK_FOR_PARTNERS = "speak_for_partners"
    """See and do what a partner may, once a gateway has checked its key: services alone."""
    ANNOUNCE = "announce"
    """Write what the portal tells everybody."""


_EVERYBODY: Final = frozenset({Right.READ})
_SECTION: Final = _EVERYBODY | {Right.ANSWER, Right.REFER, Right.EDIT_PEOPLE, Right.READ_IDENTITY}
RIGHTS_OF: Final[Mapping[Role, frozenset[Right]]] = {
    Role.AGENT: _SECTION,
    Role.EXPERT: _SECTION | {Right.SETTLE, Right.WRITE_ANSWERS},
    Role.LIAISON: _EVERYBODY | {Right.SETTLE},
    Role.SUPERVISOR: _SECTION
    | {Right.READ_ALL, Right.SETTLE, Right.ASSIGN, Right.SUPERVISE, Right.WRITE_ANSWERS}
    | {Right.APPROVE_ANSWERS, Right.ISSUE_OFFICIAL, Right.EXPORT, Right.ANNOUNCE},
    Role.ADMINISTRATOR: frozenset(
        {Right.CONFIGURE, Right.MANAGE_STAFF, Right.MANAGE_PARTNERS, Right.READ_AUDIT, Right.ANNOUNCE}
    ),
    Role.AUDITOR: _EVERYBODY | {Right.READ_ALL, Right.SUPERVISE, Right.READ_AUDIT, Right.EXPORT},
}


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session of the staff lasts."""

    idle: timedelta = timedelta(hours=1)
    """Without a request."""
    whole: timedelta = timedelta(hours=12)
    """From the sign-in, whatever happens in it."""


@dataclass(frozen=True, slots=True)
class LockOut:
    """How guessing is slowed down: after some failures in a row each further one doubles the pause."""

    failures: int = 5
    """So many bring the first pause."""
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)

    def pause_after(self, failed: int) -> timedelta | None:
        """How long nobody gets in after so many failures in a row."""
        if failed < self.failures:
            return None
        pause: timedelta = self.first * 2 ** min(failed - self.failures, 20)
        return min(pause, self.longest)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever calls: a member of the staff, or a service with every right."""

    name: str
    """As it stands in histories and the audit."""
    rights: frozenset[Right]
    staff_id: UUID | None = None
    """None for a service."""
    roles: frozenset[Role] = frozenset()
    units: frozenset[str] = frozenset()
    desks: frozenset[str] = frozenset()
    """Of those units."""

    def may(self, right: Right) -> bool:
        """Whether the verb is theirs; reach is another question."""
        return right in self.rights

    def demand(self, right: Right) -> None:
        """Go on only with the right.

        Raises:
            ForbiddenError: they do not have it.
        """
        if right not in self.rights:
            message = f"this needs the right '{right}'"
            raise ForbiddenError(message)

    @property
    def queues(self) -> frozenset[str]:
        """The desks whose cases they reach; a liaison who is nothing else has none."""
        return frozenset() if self.roles == {Role.LIAISON} else self.desks

    def called(self, name: str | None) -> str:
        """The name to write down: a service may speak for somebody, a person only for themselves."""
        return name if name and self.staff_id is None else self.name


def service(name: str = "service") -> Actor:
    """Whoever holds the service token."""
    return Actor(name, frozenset(Right))


def member(
    staff_id: UUID, name: str, roles: frozenset[Role], units: frozenset[str], desks: frozenset[str]
) -> Actor:
    """A member of the staff."""
    rights = frozenset(right for role in roles for right in RIGHTS_OF[role])
    return Actor(name, rights, staff_id, roles, units, desks)
