"""The menus in force and those before them: a session ends on the version that it began on."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from gateway_ussd.errors import MenuError
from gateway_ussd.menus import SHIPPED, Menu, load
from gateway_ussd.metrics import MENU_FAULTS, MENUS_KEPT

_log = structlog.get_logger()
_Print = tuple[tuple[str, int, int], ...]


class MenuShelf:
    """Reads the folder anew when a file changes; what has faults is told and not used."""

    name = "menus"

    def __init__(
        self, folder: Path | None, keep_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`keep_seconds`: how long a version that nobody asks for any more is kept."""
        self._folder = folder or SHIPPED
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._menus: dict[str, Menu] = {}
        self._asked_at: dict[str, float] = {}
        self._current: Menu | None = None
        self._seen: _Print | None = None
        self._faults: tuple[str, ...] = ()

    @property
    def current(self) -> Menu:
        """What a new session goes by; there is one from `start` on."""
        if self._current is None:
            message = "the menus have not been loaded"
            raise RuntimeError(message)
        return self._current

    def of(self, version: str) -> Menu | None:
        """What a session that began on this version goes by."""
        self._asked_at[version] = self._clock()
        return self._menus.get(version)

    async def start(self) -> None:
        """Load them.

        Raises:
            MenuError: they have faults; without menus the gateway does not start.
        """
        self._seen = self._print()
        self._put(load(self._folder))

    async def stop(self) -> None:
        """Nothing to let go."""

    def health(self) -> str | None:
        """The first fault of the newest files, while older ones are in use."""
        if self._current is None:
            return "not loaded yet"
        return f"{len(self._faults)} faults, the first: {self._faults[0]}" if self._faults else None

    async def look(self) -> None:
        """Load what has changed, and put away what no session goes by."""
        seen = self._print()
        if seen != self._seen:
            try:
                menu = await asyncio.to_thread(load, self._folder)
            except MenuError as error:
                self._refuse(error)
            else:
                self._put(menu)
            self._seen = seen
        self._tidy()

    def _put(self, menu: Menu) -> None:
        self._faults = ()
        MENU_FAULTS.set(0)
        self._current = menu
        self._menus[menu.version] = menu
        self._asked_at[menu.version] = self._clock()
        MENUS_KEPT.set(len(self._menus))
        _log.info("menus_loaded", version=menu.version, screens=len(menu.screens))

    def _refuse(self, error: MenuError) -> None:
        self._faults = error.faults
        MENU_FAULTS.set(len(error.faults))
        _log.error("menus_refused", faults=list(error.faults))

    def _tidy(self) -> None:
        oldest = self._clock() - self._keep_seconds
        self._asked_at[self.current.version] = self._clock()
        for version in [version for version, at in self._asked_at.items() if at < oldest]:
            del self._asked_at[version]
            self._menus.pop(version, None)
        MENUS_KEPT.set(len(self._menus))

    def _print(self) -> _Print:
        files = [(path, path.stat()) for path in sorted(self._folder.glob("*.yaml"))]
        return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in files)
