"""The page where people write: read field by field, with every fault beside its field and nothing lost."""

from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from envelope.addresses import parse_msisdn
from envelope.taxonomy import Kind, Topic
from gateway_portal.errors import TooManyError
from gateway_portal.handlers.asking import KINDS
from gateway_portal.handlers.drafts import Draft, Enclosed
from gateway_portal.handlers.enclosing import Enclosing
from gateway_portal.pages import language_of
from gateway_portal.routes.ask_pages import PATH, AskPages
from gateway_portal.routes.guard import Visitor
from gateway_portal.routes.typed import Typed
from gateway_portal.routes.uploading import LONGEST_TEXT, MOST_FILES, Uploaded, uploaded
from gateway_portal.words import say
from objects.errors import FileRefusedError, FileTooLargeError, ObjectsUnavailableError
from objects.kinds import SIGNATURES, TEXT, UNKNOWN, Media, clean_name
from persian.normalize import normalize
from persian.words import PROVINCES

_LONGEST_NUMBER: Final = 40
_LONGEST_ENDING: Final = 5
_MOBILE: Final = "+989"
_MEDIA: Final = {media.type: media for media in (*(media for _, media in SIGNATURES), TEXT)}
_APART: Final = "\u2068{}\u2069"
"""A name in Latin letters must not turn the sentence around it."""


def build(ask: AskPages, enclosing: Enclosing) -> APIRouter:
    """The routes `/ask/write` and `/ask/edit`."""
    router = APIRouter()

    @router.post("/write")
    async def write(request: Request, visitor: Visitor) -> Response:
        async with uploaded(request, enclosing.most_bytes, MOST_FILES) as told:
            opened = ask.asking.drafts.open(told.get("draft"))
            before = opened.draft if opened else None
            form = _begun(request, told, before)
            if form is None:
                return ask.pages.redirect(request, PATH)
            try:
                ask.asking.let_through(visitor)
            except TooManyError as error:
                form.wrong("send", "too_many", n=error.seconds)
            else:
                await form.enclose(enclosing, told)
        draft = form.draft
        if form.faults:
            return ask.form(request, draft, mobile=form.mobile, faults=form.sentences)
        return await ask.review(request, visitor, ask.asking.complete(draft, before))

    @router.post("/edit")
    async def edit(request: Request, told: Typed) -> Response:
        opened = ask.opened(told)
        return ask.stale(request) if opened is None else ask.form(request, opened.draft, late=opened.late)

    return router


@dataclass(slots=True)
class Form:
    """What was written, as far as it is right."""

    language: str
    draft: Draft
    mobile: str
    """As typed."""
    faults: dict[str, list[str]] = field(default_factory=dict)
    """By field, in sentences."""

    @property
    def sentences(self) -> dict[str, str]:
        """The faults as the page shows them."""
        return {name: " ".join(found) for name, found in self.faults.items()}

    def wrong(self, name: str, words: str, /, **told: object) -> None:
        """Note a fault."""
        self.faults.setdefault(name, []).append(say(self.language, f"ask.fault.{words}", **told))

    async def enclose(self, enclosing: Enclosing, told: Uploaded) -> None:
        """Keep the files that came; each that is not taken is a fault, and the others stay kept."""
        kept = list(self.draft.files)
        for file in told.files:
            if len(kept) == MOST_FILES:
                self.wrong("files", "files_many", most=MOST_FILES)
                break
            enclosed = await self._kept(enclosing, file)
            if enclosed and all(enclosed.attachment != each.attachment for each in kept):
                kept.append(enclosed)
        self.draft = self.draft.model_copy(update={"files": tuple(kept)})

    async def _kept(self, enclosing: Enclosing, file: UploadFile) -> Enclosed | None:
        name = _APART.format(_shown(file.filename or ""))
        try:
            attachment = await enclosing.keep(file.file)
        except FileTooLargeError:
            self.wrong("files", "file_large", name=name, mb=enclosing.most_bytes // 1_000_000)
        except FileRefusedError as error:
            why = "empty" if file.size == 0 else error.members.get("why", "kind")
            self.wrong("files", f"file_{why}", name=name)
        except ObjectsUnavailableError:
            self.wrong("files", "files_away")
        else:
            return Enclosed(
                name=clean_name(file.filename or "", _MEDIA[attachment.media_type]), attachment=attachment
            )
        return None


def _begun(request: Request, told: Uploaded, before: Draft | None) -> Form | None:
    """The fields without the files; None where kind or topic are none of ours."""
    try:
        kind, topic = Kind(told.get("kind")), Topic(told.get("topic"))
    except ValueError:
        return None
    if kind not in KINDS:
        return None
    mobile, province = told.get("msisdn").strip()[:_LONGEST_NUMBER], told.get("province")
    draft = Draft(
        kind=kind,
        topic=topic,
        text=told.get("text").replace("\r\n", "\n").strip(),
        province=province if province in PROVINCES else None,
        files=tuple(
            each for each in (before.files if before else ()) if each.attachment.sha256 in told.all("keep")
        ),
        msisdn=request.state.person or _mobile(mobile),
    )
    if before is not None and before.msisdn == draft.msisdn:
        draft = draft.model_copy(update={"handle": before.handle, "proved": before.proved})
    form = Form(language_of(request), draft, mobile)
    if len(draft.text) > LONGEST_TEXT:
        form.wrong("text", "text_long", n=len(draft.text) - LONGEST_TEXT)
    elif not normalize(draft.text):
        form.wrong("text", "text_missing")
    if draft.msisdn is None:
        form.wrong("msisdn", "mobile")
    if told.fault is not None:
        form.wrong("files", f"files_{told.fault}")
    return form


def _mobile(typed: str) -> str | None:
    """A number that a text message reaches."""
    msisdn = parse_msisdn(typed)
    return msisdn if msisdn is not None and msisdn.startswith(_MOBILE) else None


def _shown(claimed: str) -> str:
    """The name of a file that was not taken, harmless to show."""
    ending = claimed.rpartition(".")[2].lower()
    if not (ending.isascii() and ending.isalnum() and len(ending) <= _LONGEST_ENDING):
        ending = UNKNOWN
    return clean_name(claimed, Media("", (ending,)))
