"""The forms that are answered in the response itself: read, ask for the screen, write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.parts import Part
from gateway_ussd.model import Screen, Screens, Step, StepKind
from gateway_ussd.providers.port import Answer, Received

Read = Callable[[Received], Step | None]
"""The step of a request; None for one that asks for none."""
Write = Callable[[Received, Screen | None], Answer]
"""The answer to a request; without a screen where it was the end of a session or no step at all."""


@dataclass(frozen=True, slots=True)
class Synchronous:
    """A provider of two pure functions."""

    name: str
    read: Read
    write: Write
    screens: Screens
    parts: Sequence[Part] = ()

    async def receive(self, received: Received) -> Answer:
        """See `Provider.receive`."""
        step = self.read(received)
        if step is None:
            return self.write(received, None)
        screen = await self.screens(step)
        return self.write(received, None if step.kind is StepKind.END else screen)
