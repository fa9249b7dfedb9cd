"""Where one can go from every page: an entry shows to whom has a right for it. Pure."""

from typing import Final, NamedTuple

from desk.sessions import Staff


class Entry(NamedTuple):
    """One link of the rail."""

    name: str
    """Its words: `common.menu.<name>`."""
    path: str
    icon: str
    rights: tuple[str, ...]
    """One of these is enough."""
    group: str = "work"


class Shown(NamedTuple):
    """A link as a page shows it."""

    entry: Entry
    here: bool


ENTRIES: Final = (
    Entry("queues", "/queues", "inbox", ("answer", "read_all")),
    Entry("mine", "/mine", "user-check", ("answer",)),
    Entry("referrals", "/referrals", "forward", ("settle", "refer")),
    Entry("register", "/register", "phone", ("answer",)),
    Entry("search", "/search", "search", ("answer", "read_all", "settle")),
    Entry("answers", "/answers", "book", ("answer", "write_answers", "approve_answers")),
    Entry("supervision", "/supervision", "activity", ("supervise",), "oversight"),
    Entry("calendar", "/calendar", "calendar", ("configure",), "oversight"),
    Entry("allowances", "/allowances", "timer", ("configure",), "oversight"),
    Entry("organisation", "/organisation", "building", ("configure",), "oversight"),
    Entry("staff", "/staff", "users", ("manage_staff",), "oversight"),
    Entry("partners", "/partners", "handshake", ("manage_partners",), "oversight"),
    Entry("announcements", "/announcements", "bell", ("announce",), "oversight"),
    Entry("audit", "/audit", "scroll", ("read_audit",), "oversight"),
)


def menu(staff: Staff, path: str) -> tuple[Shown, ...]:
    """The entries that are theirs, the one they are at marked."""
    return tuple(
        Shown(entry, path == entry.path or path.startswith(f"{entry.path}/"))
        for entry in ENTRIES
        if staff.may(*entry.rights)
    )


def home(staff: Staff) -> str:
    """Where somebody begins: their first entry."""
    return next((entry.path for entry in ENTRIES if staff.may(*entry.rights)), "/profile")
