"""`python -m case_store` serves; `… migrate` brings the database to the newest schema, `… seed` fills it."""

import asyncio
import sys

from case_store.migrate import migrate
from case_store.settings import CaseStoreSettings
from chassis.service import serve
from chassis.settings import DatabaseSettings


def main() -> None:
    """Serve, migrate or seed."""
    if sys.argv[1:] == ["migrate"]:
        asyncio.run(migrate(DatabaseSettings().url.get_secret_value()))
        return
    if sys.argv[1:2] == ["seed"]:
        from case_store.seeding.command import seed  # noqa: PLC0415  (a service need not know the invented words)

        sys.exit(seed(sys.argv[2:]))
    from case_store.app import create_app  # noqa: PLC0415  (a migration need not wait a second for the whole app)

    settings = CaseStoreSettings()
    serve(lambda: create_app(settings), settings, "case-store")


if __name__ == "__main__":
    main()
