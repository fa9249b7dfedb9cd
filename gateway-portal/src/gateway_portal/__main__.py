"""`python -m gateway_portal`: the public pages, on port 8000."""

from chassis.service import serve
from gateway_portal.app import create_app
from gateway_portal.settings import GatewayPortalSettings

if __name__ == "__main__":
    settings = GatewayPortalSettings()
    serve(lambda: create_app(settings), settings, "gateway-portal")
