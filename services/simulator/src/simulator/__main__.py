"""`python -m simulator`: the outside world, on port 8002."""

from chassis.service import serve
from simulator.app import create_app
from simulator.settings import SimulatorSettings

if __name__ == "__main__":
    settings = SimulatorSettings()
    serve(lambda: create_app(settings), settings, "simulator")
