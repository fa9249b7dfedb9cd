"""The files taken together, each screen with the file and line that it was written in."""

from collections.abc import Iterable, Sequence

from gateway_ussd.menus.reading import Source
from gateway_ussd.menus.schema import AnyScreen, File


class Written:
    """All screens of all files, and what is wrong with how the files go together."""

    def __init__(self, files: Iterable[tuple[Source, File]]) -> None:
        self.screens: dict[str, AnyScreen] = {}
        self.start = ""
        self.faults: list[str] = []
        self._sources: dict[str, Source] = {}
        self._beginnings: list[Source] = []
        for source, file in files:
            self._take(source, file)
        if not self._beginnings:
            self.faults.append("menus:1: no file says which screen is the start")
        elif self.start not in self.screens:
            self.faults.append(self._beginnings[-1].at(("start",), f"there is no screen {self.start}"))

    def fault(self, screen: str, place: Sequence[str | int], words: str) -> str:
        """A fault at a place inside a screen."""
        return self._sources[screen].at(("screens", screen, *place), f"{screen}: {words}")

    def _take(self, source: Source, file: File) -> None:
        if file.start is not None:
            for other in self._beginnings:
                words = f"{other.path.name} says already which screen is the start"
                self.faults.append(source.at(("start",), words))
            self._beginnings.append(source)
            self.start = file.start
        for name, screen in file.screens.items():
            if name in self.screens:
                where = self._sources[name].path.name
                self.faults.append(source.at(("screens", name), f"{name} is already in {where}"))
            self.screens[name], self._sources[name] = screen, source
