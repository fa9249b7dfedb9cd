"""The way to our gateways: Kavenegar's webhooks, and what a PBX pushes."""

from simulator.clients.pbx import Pbx
from simulator.clients.webhooks import Push, Webhooks

__all__ = ["Pbx", "Push", "Webhooks"]
