"""What each phone shows, kept so that a page which reconnects misses nothing and sees nothing twice."""

import asyncio
from collections import OrderedDict
from hashlib import blake2b
from secrets import token_bytes, token_hex

from simulator.model import Bubble, BubbleState


class Phone:
    """One phone's conversation. Each change takes the next revision; a page asks for what is newer."""

    def __init__(self, number: str, handle: str, kept: int) -> None:
        """Start empty; show the last `kept` messages."""
        self.epoch = token_hex(4)
        """Of this phone's memory; a page that saw another one begins anew."""
        self.number = number
        self.handle = handle
        self.watchers = 0
        """Pages that show it now."""
        self._kept = kept
        self._bubbles: OrderedDict[str, Bubble] = OrderedDict()
        self._revision = 0
        self._changed = asyncio.Event()

    def put(self, bubble: Bubble) -> None:
        """Show a message, or show it changed."""
        self._revision += 1
        bubble.revision = self._revision
        if bubble.id not in self._bubbles and len(self._bubbles) >= self._kept:
            self._bubbles.popitem(last=False)
        self._bubbles[bubble.id] = bubble
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def get(self, bubble_id: str) -> Bubble | None:
        """A message that is shown."""
        return self._bubbles.get(bubble_id)

    def move(self, bubble_id: str, state: BubbleState, note: str = "") -> None:
        """A message that is shown moves to a state; one that has scrolled away does not matter."""
        bubble = self._bubbles.get(bubble_id)
        if bubble is not None and bubble.state is not state:
            bubble.state, bubble.note = state, note
            self.put(bubble)

    def since(self, revision: int) -> list[Bubble]:
        """What changed after a revision, in the order of change."""
        return sorted((b for b in self._bubbles.values() if b.revision > revision), key=lambda b: b.revision)

    def shown(self) -> list[Bubble]:
        """All that is shown, in the order of coming."""
        return list(self._bubbles.values())

    async def change(self, patience: float) -> None:
        """Return when something changes, or when patience ends."""
        try:
            await asyncio.wait_for(self._changed.wait(), patience)
        except TimeoutError:
            return


class Phones:
    """The phones in the world. A page knows its phone by a handle, so that no number stands in a URL."""

    def __init__(self, *, phones_kept: int, messages_kept: int) -> None:
        """Remember the last phones that anything happened to."""
        self._phones_kept = phones_kept
        self._messages_kept = messages_kept
        self._key = token_bytes(16)
        self._by_number: OrderedDict[str, Phone] = OrderedDict()
        self._by_handle: dict[str, Phone] = {}

    def of(self, number: str) -> Phone:
        """The phone with a number, new if need be."""
        phone = self._by_number.get(number)
        if phone is not None:
            self._by_number.move_to_end(number)
            return phone
        if len(self._by_number) >= self._phones_kept:
            _, forgotten = self._by_number.popitem(last=False)
            del self._by_handle[forgotten.handle]
        handle = blake2b(number.encode(), key=self._key, digest_size=9).hexdigest()
        phone = Phone(number, handle, self._messages_kept)
        self._by_number[number] = self._by_handle[handle] = phone
        return phone

    def by_handle(self, handle: str) -> Phone | None:
        """The phone that a page speaks of."""
        return self._by_handle.get(handle)

    def clear(self) -> None:
        """Forget every phone."""
        self._by_number.clear()
        self._by_handle.clear()
