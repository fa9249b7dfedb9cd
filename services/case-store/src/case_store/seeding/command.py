"""`python -m case_store seed`: fill a store with invented cases, for benches and demonstrations."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console

from case_store.errors import CodesExhaustedError, SeedingError, StoreUnavailableError
from case_store.seeding.run import Wish
from case_store.seeding.run import seed as run
from case_store.settings import CaseStoreSettings


def seed(arguments: Sequence[str]) -> int:
    """Do what the command line says; the exit code."""
    wish = _wish(arguments)
    settings = CaseStoreSettings()
    url = settings.database.url.get_secret_value()
    try:
        asyncio.run(run(url, settings.code_key, wish, Console()))
    except (SeedingError, CodesExhaustedError, StoreUnavailableError) as error:
        sys.stderr.write(f"seed: {error}\n")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write("seed: interrupted; what was written stays, and every index is in its place\n")
        return 130
    return 0


def _wish(arguments: Sequence[str]) -> Wish:
    parser = argparse.ArgumentParser(prog="seed", description=__doc__)
    parser.add_argument("--cases", type=int, default=Wish.cases)
    parser.add_argument("--messages", type=int, default=Wish.messages, help="from people; ours come on top")
    parser.add_argument("--seed", type=int, default=Wish.seed, help="the same number, the same data")
    parser.add_argument("--yes", action="store_true", help="also into a store that holds something")
    parser.add_argument("--until", type=datetime.fromisoformat, help="the present, with offset; default now")
    parser.add_argument("--workers", type=int, default=0, help="processes; default one for each core")
    asked = parser.parse_args(arguments)
    if asked.until is not None and asked.until.tzinfo is None:
        parser.error("--until wants an offset: 2026-11-22T08:00+03:30")
    return Wish(asked.cases, asked.messages, asked.seed, asked.yes, asked.until, asked.workers)
