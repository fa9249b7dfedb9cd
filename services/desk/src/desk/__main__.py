"""`python -m desk`: the staff's desk, on port 8001."""

from chassis.service import serve
from desk.app import create_app
from desk.settings import DeskSettings

if __name__ == "__main__":
    settings = DeskSettings()
    serve(lambda: create_app(settings), settings, "desk")
