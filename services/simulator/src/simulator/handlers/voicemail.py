"""A voice note of a phone: a PBX has recorded it, and hands it to our gateway as PBXs do."""

import io
import wave
from typing import Final

from simulator.clients import Pbx
from simulator.errors import BadRecordingError, NetworkError, UnknownPhoneError
from simulator.model import Bubble, BubbleState
from simulator.repository import World

MOST_BYTES: Final = 4_000_000
"""Of a voice note: four minutes of a telephone's sound."""
_SECONDS_IN_A_MINUTE: Final = 60


class Voicemail:
    """What phones leave for people to hear."""

    def __init__(self, world: World, pbx: Pbx) -> None:
        """Phones of this world, one PBX for all."""
        self._world = world
        self._pbx = pbx

    async def leave(self, handle: str, bubble_id: str, sound: bytes) -> Bubble:
        """Hand a recording over; given again under the same id it is the same one.

        Raises:
            UnknownPhoneError: no such phone.
            BadRecordingError: it is no WAV, or nothing is in it.
            NetworkError: our gateway did not take it; nothing is shown.
        """
        phone = self._world.phones.by_handle(handle)
        if phone is None:
            message = "open the phone first"
            raise UnknownPhoneError(message)
        known = phone.get(bubble_id)
        if known is not None:
            return known
        text, now = _told(_seconds(sound)), self._world.clock()
        try:
            await self._pbx.push(sound, caller=phone.number, at=now, identity=bubble_id)
        except NetworkError:
            self._world.counters.pushes_failed += 1
            raise
        self._world.counters.pushes_accepted += 1
        bubble = Bubble(id=bubble_id, mine=True, text=text, at=now, state=BubbleState.TAKEN)
        phone.put(bubble)
        return bubble


def _seconds(sound: bytes) -> float:
    try:
        with wave.open(io.BytesIO(sound)) as file:
            seconds: float = file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError):
        seconds = 0.0
    if not seconds:
        message = "a voice note is a WAV with something in it"
        raise BadRecordingError(message)
    return seconds


def _told(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), _SECONDS_IN_A_MINUTE)
    return f"پیام صوتی، {minutes}:{rest:02}".translate(_PERSIAN)


_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
