"""The world's memory: what was sent, what came in, what each phone shows; bounded."""

from simulator.repository.inbox import Inbox
from simulator.repository.outbox import Outbox
from simulator.repository.phones import Phone, Phones
from simulator.repository.world import Clock, World

__all__ = ["Clock", "Inbox", "Outbox", "Phone", "Phones", "World"]
