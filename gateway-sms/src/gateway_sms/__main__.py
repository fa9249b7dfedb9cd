"""`python -m gateway_sms`."""

from chassis.service import serve
from gateway_sms.app import create_app
from gateway_sms.settings import GatewaySmsSettings


def main() -> None:
    """Run the gateway."""
    settings = GatewaySmsSettings()
    serve(lambda: create_app(settings), settings, "gateway-sms")


if __name__ == "__main__":
    main()
