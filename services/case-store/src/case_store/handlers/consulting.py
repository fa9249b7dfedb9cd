"""Who else knows, who it is, what they sent: referrals, people and files, put together for app and tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from case_store.handlers.clocks import Clocks
from case_store.handlers.files import Files
from case_store.handlers.merging import Merging
from case_store.handlers.people import People
from case_store.handlers.referrals.verbs import Referrals
from case_store.handlers.referrals.watch import Watch
from case_store.handlers.witness import Witness
from case_store.repository.database import Database
from chassis.parts import Part, Periodic
from objects.store import Objects

_PROBE_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Consulting:
    """The pieces; `parts` live as long as the service, which works without them."""

    referrals: Referrals
    watch: Watch
    people: People
    merging: Merging
    files: Files
    parts: Sequence[Part]


def build_consulting(
    database: Database, clocks: Clocks, objects: Objects, witness: Witness, *, most_file_bytes: int
) -> Consulting:
    """`most_file_bytes` is how large a file may be."""
    return Consulting(
        referrals=Referrals(database, clocks),
        watch=Watch(database, witness),
        people=People(database),
        merging=Merging(database),
        files=Files(database, objects, witness, most_bytes=most_file_bytes),
        parts=(Periodic("object-store", _PROBE_SECONDS, objects.probe),),
    )
