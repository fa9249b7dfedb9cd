"""`python -m gateway_ussd` serves; `… lint`, `… simulate` and `… tree` prove, try and draw the menus."""

import sys

from chassis.service import serve
from gateway_ussd.settings import GatewayUssdSettings


def main() -> None:
    """Serve, or do what was asked about the menus."""
    if sys.argv[1:]:
        from gateway_ussd.commands import main as run  # noqa: PLC0415  (a service need not know the dialler)

        sys.exit(run(sys.argv[1:]))
    from gateway_ussd.app import create_app  # noqa: PLC0415  (a dialler need not wait for the whole app)

    settings = GatewayUssdSettings()
    serve(lambda: create_app(settings), settings, "gateway-ussd")


if __name__ == "__main__":
    main()
