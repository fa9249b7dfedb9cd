"""What the network asks of an operator's double, whatever form it speaks."""

from typing import Protocol

from simulator.ussd import Dialogue, Ending, Screen, Turn


class Operator(Protocol):
    """Speaks with our gateway in one operator's form."""

    async def ask(self, turn: Turn) -> Screen:
        """Make the request of a turn and give the screen that comes back.

        Raises:
            NetworkError: no screen came in time, or none of the operator's form.
        """
        ...

    async def end(self, dialogue: Dialogue, ending: Ending) -> None:
        """Tell that a dialogue is over, if this form tells that.

        Raises:
            NetworkError: the notice did not arrive.
        """
        ...
