"""`python -m message_router`."""

from chassis.service import serve
from message_router.app import create_app
from message_router.settings import RouterSettings

if __name__ == "__main__":
    settings = RouterSettings()
    serve(lambda: create_app(settings), settings, "router")
