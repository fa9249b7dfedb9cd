"""`make bench`: what Payam carries on this machine, as ratios to a bare floor measured in the same run.

`make bench ARGS=flow` measures the way of a message alone, `ARGS=ussd` the menus alone (`--soak 600` their
memory over ten minutes), `ARGS=voice` calls and recordings (`--calls 4000`: an hour of calls), `ARGS=portal`
its pages and the partners' door, `ARGS=desk` the desk on a seeded store alone;
`ARGS="desk --cases 1000000 --messages 3000000"` at full size, which takes a quarter of an hour, and
`--state FOLDER` keeps the seeded store there for the next run. The load generator, the broker, PostgreSQL,
Redis, the simulated provider and every service share the cores.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import portal_load, ussd_load
from tests.bench.desk_load import measure_desk
from tests.bench.flow_load import ROUNDS, ingest, memory, pipeline
from tests.bench.report import Figure, show, write
from tests.bench.router_load import measure_router
from tests.bench.seeded import Size
from tests.bench.voice_load import measure_voice
from tests.flow.running import running_flow

SAMPLE = Path("tests/router/messages-labelled.jsonl")
PARTS = ("flow", "ussd", "voice", "portal", "desk")


def main() -> None:
    """Measure, print, write `.payam/bench.json`."""
    asked = arguments()
    texts = [json.loads(line)["text"] for line in SAMPLE.read_text().splitlines()]
    notes = [f"{os.cpu_count()} cores; Python {sys.version.split()[0]}; medians of {ROUNDS} rounds"]
    figures: list[Figure] = []
    if asked.part in {None, "flow"}:
        figures += measure_flow(texts, notes)
    if asked.part in {None, "ussd"}:
        print("measuring ussd …", flush=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            running_flow(Path(folder), SIMULATOR_MAGIC_NUMBERS="false", **ussd_load.SETTINGS) as flow,
        ):
            figures += ussd_load.measure_ussd(flow, asked.soak, notes)
    if asked.part in {None, "voice"}:
        print("measuring voice …", flush=True)
        figures += measure_voice(asked.calls, notes)
    if asked.part in {None, "portal"}:
        print("measuring portal …", flush=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            running_flow(Path(folder), SIMULATOR_MAGIC_NUMBERS="false", **portal_load.SETTINGS) as flow,
        ):
            figures += portal_load.measure_portal(flow, texts, notes)
    if asked.part in {None, "desk"}:
        with tempfile.TemporaryDirectory() as folder:
            size = Size(asked.cases, asked.messages or 3 * asked.cases)
            figures += measure_desk(asked.state or Path(folder), size, texts, notes)
    show(figures, notes)
    write(figures, Path(".payam/bench.json"))


def measure_flow(texts: list[str], notes: list[str]) -> list[Figure]:
    """The whole flow, started as an operator starts it, then the router alone.

    While the webhook is measured against its floor the router is paused: both have the same neighbours.
    """
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with running_flow(Path(folder), SIMULATOR_MAGIC_NUMBERS="false") as flow:
            figures.append(Figure("start.all_ready", time.perf_counter() - began, "s", 15, at_least=False))
            for measure in (ingest, pipeline, memory):
                print(f"measuring {measure.__name__} …", flush=True)
                figures += measure(flow, texts, notes)
    print("measuring router …", flush=True)
    return figures + measure_router(texts, notes)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part alone; default all")
    parser.add_argument("--soak", type=float, default=60, help="seconds that the memory of USSD is watched")
    parser.add_argument("--calls", type=int, default=1_000, help="while the memory of voice is watched")
    parser.add_argument("--cases", type=int, default=100_000, help="of the seeded store")
    parser.add_argument("--messages", type=int, help="default three a case")
    parser.add_argument("--state", type=Path, help="where the seeded store is kept for the next run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
