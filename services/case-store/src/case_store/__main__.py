"""`python -m case_store` serves; `python -m case_store migrate` brings the database to the newest schema."""

import asyncio
import sys

from case_store.migrate import migrate
from case_store.settings import CaseStoreSettings
from chassis.service import serve
from chassis.settings import DatabaseSettings


def main() -> None:
    """Serve or migrate."""
    if sys.argv[1:] == ["migrate"]:
        asyncio.run(migrate(DatabaseSettings().url.get_secret_value()))
        return
    from case_store.app import create_app  # noqa: PLC0415  (a migration need not wait a second for the whole app)

    settings = CaseStoreSettings()
    serve(lambda: create_app(settings), settings, "case-store")


if __name__ == "__main__":
    main()
