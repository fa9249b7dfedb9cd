"""What every table's module shares: the metadata with its names of constraints, and a moment's type."""

from enum import StrEnum
from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)
MOMENT: Final = sa.DateTime(timezone=True)


def one_of(column: str, words: type[StrEnum]) -> str:
    """The check that a text column holds one of an enumeration's words."""
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({quoted})"
