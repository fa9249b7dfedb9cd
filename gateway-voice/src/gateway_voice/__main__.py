"""`python -m gateway_voice` serves."""

from chassis.service import serve
from gateway_voice.app import create_app
from gateway_voice.settings import GatewayVoiceSettings


def main() -> None:
    """Serve until told to stop."""
    settings = GatewayVoiceSettings()
    serve(lambda: create_app(settings), settings, "gateway-voice")


if __name__ == "__main__":
    main()
