"""`python -m gateway_ussd`."""

from chassis.service import serve
from gateway_ussd.app import create_app
from gateway_ussd.settings import GatewayUssdSettings


def main() -> None:
    """Run the gateway."""
    settings = GatewayUssdSettings()
    serve(lambda: create_app(settings), settings, "gateway-ussd")


if __name__ == "__main__":
    main()
