"""Asking, from the page where one writes to the tracking code: nothing lost or doubled, nobody misnamed."""

import asyncio
import io
import json
import re
import time
from base64 import b64encode
from dataclasses import dataclass, field
from html import unescape
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image

from bus.errors import NotAcceptedError
from bus.intake import Intake
from envelope.addresses import AddressKind
from envelope.taxonomy import Kind, Topic
from envelope.tracking import is_valid, spaced
from gateway_portal.handlers import asking
from gateway_portal.handlers.drafts import Drafts
from gateway_portal.routes import ask_writing
from gateway_portal.routes.guard import SESSION_COOKIE
from gateway_portal.words import say
from minting.mint import CodeMint
from objects.settings import ObjectsSettings
from objects.store import sealed_key_of
from persian.digits import persian_digits

MOBILE, E164 = "09121234567", "+989121234567"
TEXT = "دو سال از سابقهٔ من ثبت نشده است."
CASES = "/citizen/cases"
BOUNDARY = "----formboundary"
MEGABYTE = 1_000_000


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(written, "JPEG")
    return written.getvalue()


def case(code: str, topic: str = "contribution_record", state: str = "open") -> dict[str, object]:
    told = "2026-11-01T08:00:00Z"
    return {
        "tracking_code": code,
        "state": state,
        "topic": topic,
        "opened_at": told,
        "last_activity_at": told,
    }


def values(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def decisions(page: str) -> list[str]:
    return re.findall(r'<button [^>]*name="do" value="([^"]+)"', page)


def shown_code(page: str) -> str:
    [shown] = re.findall(r'<output class="tracking"[^>]*>([^<]+)</output>', page)
    return "".join(str("۰۱۲۳۴۵۶۷۸۹".find(digit)) for digit in shown if digit in "۰۱۲۳۴۵۶۷۸۹")


@dataclass
class Person:
    """Somebody at the form."""

    portal: object
    browser: httpx.AsyncClient
    form: dict[str, str] = field(
        default_factory=lambda: {"kind": "complaint", "topic": "contribution_record"}
    )
    files: list[tuple[str, bytes]] = field(default_factory=list)

    async def write(self, text: str = TEXT, mobile: str = MOBILE, **more: object) -> httpx.Response:
        self.form |= {"text": text, "msisdn": mobile, **more}
        files = [("files", (name, content)) for name, content in self.files]
        return self.keep(
            await self.browser.post("/ask/write", data=self.form, files=files or [("files", ("", b""))])
        )

    async def send(self, do: str, path: str = "/ask/send", **more: str) -> httpx.Response:
        return self.keep(await self.browser.post(path, data={"draft": self.form["draft"], "do": do, **more}))

    def keep(self, page: httpx.Response) -> httpx.Response:
        self.form |= values(page.text)
        return page

    @property
    def code(self) -> str:
        """What the text message says."""
        [code] = re.findall(
            r"\d{6}", self.portal.texts[-1].text.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
        )
        return code

    async def sign_in(self) -> None:
        # As the sign-in pages do; they have tests of their own.
        await self.write()
        await self.send("prove", code=self.code)
        self.portal.bus.records.clear()
        self.form = {"kind": "complaint", "topic": "contribution_record"}


@pytest.fixture
def person(portal) -> Person:
    return Person(portal, portal.visit())


async def test_a_proved_message_is_handed_in_once_with_all_that_was_said(portal, person):
    person.files = [("از گوشی.jpg", picture())]
    review = await person.write(province="تهران")
    assert review.status_code == 200
    assert TEXT in review.text
    assert "از گوشی.jpg" in review.text
    assert portal.envelopes == []
    sent = await person.send("prove", code=person.code)
    assert sent.status_code == 200
    [envelope] = portal.envelopes
    assert (envelope.sender.kind, envelope.sender.value) == (AddressKind.MSISDN, E164)
    assert envelope.text == TEXT
    assert (envelope.declared.kind, envelope.declared.topic) == (Kind.COMPLAINT, Topic.CONTRIBUTION_RECORD)
    assert envelope.declared.province == "تهران"
    assert [attachment.media_type for attachment in envelope.attachments] == ["image/jpeg"]
    assert envelope.refers_to is None
    assert is_valid(envelope.tracking_code)
    assert shown_code(sent.text) == envelope.tracking_code
    assert say("fa", "ask.sent.next_answer") in sent.text
    assert "/follow" in sent.text
    assert "&lt;" not in review.text + sent.text, "no tag of ours was escaped"


async def test_the_code_can_be_copied_seen_and_scanned_and_stands_in_no_address(portal, person):
    await person.write()
    sent = await person.send("prove", code=person.code)
    code = portal.envelopes[0].tracking_code
    assert persian_digits(spaced(code)) in sent.text
    assert f'data-copy="{code}"' in sent.text
    assert re.search(r"hidden data-copy", sent.text)
    assert '<svg viewBox="0 0' in sent.text
    assert code not in str(sent.url)
    assert not [link for link in re.findall(r'(?:href|src|action)="([^"]+)"', sent.text) if code in link]
    assert not re.search(r"<style|style=|\son\w+=", sent.text)


async def test_whoever_proves_their_number_is_signed_in_with_it(portal, person):
    await person.write()
    sent = await person.send("prove", code=person.code)
    cookie = sent.headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "max-age" not in cookie.lower()
    assert "Secure" not in cookie
    again = (await person.browser.get("/ask?kind=question&section=general&topic=other")).text
    assert 'name="msisdn"' not in again
    assert persian_digits(MOBILE) in again


async def test_behind_tls_the_cookie_goes_over_tls_alone(started):
    async with started(public_url="https://portal.example") as portal:
        person = Person(portal, portal.visit())
        await person.write()
        sent = await person.send("prove", code=person.code)
        assert "Secure" in sent.headers["set-cookie"]


async def test_whoever_is_signed_in_sends_without_a_code(portal, person):
    await person.sign_in()
    texts = len(portal.texts)
    review = await person.write(mobile="09350000000")
    assert decisions(review.text) == ["new"]
    assert 'name="code"' not in review.text
    await person.send("new")
    [envelope] = portal.envelopes
    assert envelope.sender.value == E164
    assert len(portal.texts) == texts


async def test_a_session_that_ended_on_the_way_asks_for_a_code_and_keeps_the_message(portal, person):
    await person.sign_in()
    await person.write()
    person.browser.cookies.clear()
    page = await person.send("new")
    assert portal.envelopes == []
    assert TEXT in page.text
    assert say("fa", "ask.review.send") not in page.text


async def test_a_wrong_code_sends_nothing_and_loses_nothing(portal, person):
    await person.write()
    right = person.code
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for typed, words in (("", "code_missing"), (wrong, "code_wrong"), ("<b>", "code_wrong")):
        page = await person.send("prove", code=typed)
        assert page.status_code == 422
        assert say("fa", f"ask.fault.{words}") in page.text
        assert TEXT in page.text
        assert "<b>" not in page.text
    assert portal.envelopes == []
    assert len(portal.texts) == 1
    await person.send("prove", code=persian_digits(right))
    assert len(portal.envelopes) == 1


async def test_the_code_of_another_number_proves_nothing(portal, person):
    """Somebody proves their own number, and puts that code under a message in another's name."""
    await person.write(mobile="09350000000")
    mine, code = person.form["draft"], person.code
    other = Person(portal, portal.visit("198.51.100.9"))
    await other.write()
    sealed = Drafts(portal.settings.key)
    [ours, theirs] = [sealed.open(draft).draft for draft in (mine, other.form["draft"])]
    other.form["draft"] = sealed.seal(theirs.model_copy(update={"handle": ours.handle}))
    page = await other.send("prove", code=code)
    assert page.status_code == 422
    assert portal.envelopes == []


async def test_a_new_code_takes_the_place_of_the_old_one_or_the_old_one_still_counts(portal, person):
    await person.write()
    first = person.code
    page = await person.send("", path="/ask/code")
    assert page.status_code == 200
    assert 'name="code"' in page.text
    assert say("fa", "ask.review.wait") in page.text
    await person.send("prove", code=first)
    assert len(portal.envelopes) == 1


async def test_a_form_sent_twice_asks_for_the_code_that_was_texted(portal, person):
    """The second page of a double click, or of a reload, must know the code that came of the first."""
    pages = await asyncio.gather(*(person.write() for _ in range(2)))
    assert ['name="code"' in page.text for page in pages] == [True, True]
    assert len(portal.texts) == 1
    await person.send("prove", code=person.code)
    assert len(portal.envelopes) == 1


@pytest.mark.parametrize("decision", ["prove", "unproven"])
async def test_twenty_clicks_are_one_message_with_one_code(portal, person, decision):
    await person.write()
    code = person.code
    draft = person.form["draft"]
    pages = await asyncio.gather(
        *(
            portal.visit().post("/ask/send", data={"draft": draft, "do": decision, "code": code})
            for _ in range(20)
        )
    )
    assert {page.status_code for page in pages} == {200}
    [envelope] = portal.envelopes
    assert {shown_code(page.text) for page in pages} == {envelope.tracking_code}


async def test_copies_that_reach_two_replicas_have_one_id_and_one_code(portal, person, started, tmp_path):
    await person.sign_in()
    await person.write()
    async with started(spool_dir=tmp_path / "another") as replica:
        elsewhere = replica.visit()
        elsewhere.cookies = person.browser.cookies
        copy = await elsewhere.post("/ask/send", data={"draft": person.form["draft"], "do": "new"})
        first = await person.send("new")
        assert shown_code(copy.text) == shown_code(first.text)
        [one], [other] = portal.envelopes, replica.envelopes
        assert (one.message_id, one.tracking_code) == (other.message_id, other.tracking_code)


async def test_a_page_that_is_sent_again_later_shows_the_same_code_and_sends_nothing(portal, person):
    await person.write()
    code, draft = person.code, person.form["draft"]
    first = await person.send("prove", code=code)
    person.form["draft"] = draft
    later = await portal.visit().post("/ask/send", data={"draft": draft, "do": "prove", "code": code})
    assert shown_code(first.text) == shown_code(later.text)
    assert "set-cookie" not in later.headers
    assert len(portal.envelopes) == 1


async def test_a_message_that_was_changed_after_it_was_sent_is_another_message(portal, person):
    """Taken for the first one, its words would be lost without anybody noticing."""
    await person.sign_in()
    await person.write()
    sent = person.form["draft"]
    await person.send("new")
    person.form["draft"] = sent
    await person.send("", path="/ask/edit")
    await person.write(text="و یک چیز دیگر")
    await person.send("new")
    first, second = portal.envelopes
    assert first.message_id != second.message_id
    assert first.tracking_code != second.tracking_code
    person.form["draft"] = sent
    await person.write()
    await person.send("new")
    assert len(portal.envelopes) == 2


async def test_a_message_that_goes_back_to_be_edited_brings_everything_along(portal, person):
    person.files = [("a.jpg", picture())]
    await person.write(province="قم")
    person.files = []
    form = await person.send("", path="/ask/edit")
    assert TEXT in form.text
    assert "a.jpg" in form.text
    assert re.search(r"<option[^>]* selected>قم</option>", form.text)
    assert f'value="{MOBILE}"' in form.text
    [kept] = re.findall(r'name="keep" value="(\w+)"', form.text)
    await person.write(text="کوتاه‌تر", keep=kept)
    await person.send("prove", code=person.code)
    [envelope] = portal.envelopes
    assert envelope.text == "کوتاه‌تر"
    assert [attachment.sha256 for attachment in envelope.attachments] == [kept]
    assert len(portal.texts) == 1, "the number is the same, so the code is"


async def test_another_number_needs_another_code(portal, person):
    await person.write()
    await person.send("", path="/ask/edit")
    await person.write(mobile="09350000000")
    assert [text.to.value for text in portal.texts] == [E164, "+989350000000"]


async def test_a_file_that_is_unticked_stays_behind(portal, person):
    person.files = [("a.jpg", picture())]
    await person.write()
    person.files = []
    await person.send("", path="/ask/edit")
    page = await person.write()
    assert "a.jpg" not in page.text
    await person.send("unproven")
    assert portal.envelopes[0].attachments == ()


# what is wrong with the form


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "text_missing"),
        (" \r\n\t", "text_missing"),
        ("\u200c\u200b\u2060", "text_missing"),
        ("\0", "text_missing"),
    ],
)
async def test_an_empty_message_is_asked_for(portal, person, text, words):
    page = await person.write(text=text)
    assert page.status_code == 422
    assert page.text.count(say("fa", f"ask.fault.{words}")) == 2
    assert f'value="{MOBILE}"' in page.text
    assert portal.texts == []


async def test_a_message_may_have_four_thousand_letters_and_one_more_says_so(person):
    assert (await person.write(text="ب" * 4_000)).status_code == 200
    long = "ب" * 30_000
    page = await person.write(text=long)
    assert page.status_code == 422
    assert say("fa", "ask.fault.text_long", n=26_000) in page.text
    assert long in page.text


async def test_lines_count_as_one_letter_each_and_come_through(portal, person):
    await person.write(text="\r\n".join(["سطر"] * 1_000)[:4_999])
    await person.send("unproven")
    assert portal.envelopes[0].text == "\n".join(["سطر"] * 1_000)


@pytest.mark.parametrize(
    "mobile", ["", "0912", "02188888888", "+14155550100", "x" * 500, "09121234567\r\nBcc: a"]
)
async def test_a_number_that_no_text_reaches_is_asked_for_again(portal, person, mobile):
    page = await person.write(mobile=mobile)
    assert page.status_code == 422
    assert say("fa", "ask.fault.mobile") in page.text
    assert TEXT in page.text
    assert portal.texts == []


@pytest.mark.parametrize("mobile", ["۰۹۱۲۱۲۳۴۵۶۷", "+98 912 123 4567", "9121234567", "00989121234567"])
async def test_a_number_may_be_written_in_many_ways(portal, person, mobile):
    await person.write(mobile=mobile)
    assert portal.texts[0].to.value == E164


@pytest.mark.parametrize("field", ["kind", "topic"])
@pytest.mark.parametrize("value", ["", "status_inquiry", "<script>"])
async def test_a_form_without_kind_or_topic_of_ours_begins_anew(portal, person, field, value):
    page = await person.write(**{field: value})
    if page.status_code == 303:
        assert page.headers["location"] == "/ask"
    assert page.status_code == 303
    assert portal.texts == []


async def test_what_is_written_is_shown_as_written_and_runs_nowhere(portal, person):
    hostile = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(1)> کد ملی ۰۰۸۴۵۷۵۹۴۸'
    person.files = [('"><img src=x>\r\nSet-Cookie: a=b.jpg', picture())]
    for page in (await person.write(text=hostile), await person.send("", path="/ask/edit")):
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert hostile in unescape(page.text)
        assert "set-cookie" not in page.headers
    person.files = []
    await person.write(text=hostile)
    await person.send("unproven")
    assert portal.envelopes[0].text == hostile


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\a\\b.jpg", "\u202egpj.exe", "a" * 400, "؟.jpg", ".jpg"]
)
async def test_a_file_may_be_called_anything_and_is_called_what_it_is(person, name):
    person.files = [(name, picture())]
    page = await person.write()
    [shown] = re.findall(r"<li><bdi>([^<]+)</bdi>", page.text)
    assert shown.endswith((".jpg", ".jpeg"))
    assert len(shown) <= 120
    assert not set(shown) & set("/\\\u202e\r\n")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("بزرگ.txt", b"a" * (8 * MEGABYTE + 1), "file_large"),
        ("خالی.txt", b"", "file_empty"),
        ("برنامه.exe", b"MZ\x90\x00\x03 program", "file_kind"),
        ("عکس.jpg", b"MZ\x90\x00\x03 program", "file_kind"),
        ("ناقص.jpg", picture()[:200], "file_broken"),
    ],
)
async def test_a_file_that_is_not_taken_is_told_beside_its_field_and_the_rest_stays(
    portal, person, name, content, words
):
    person.files = [("خوب.jpg", picture()), (name, content)]
    page = await person.write(province="قم")
    assert page.status_code == 422
    shown = f"\u2068{name}\u2069"
    assert page.text.count(say("fa", f"ask.fault.{words}", name=shown, mb=8)) == 2
    assert TEXT in page.text
    assert f'value="{MOBILE}"' in page.text
    [kept] = re.findall(r'name="keep" value="(\w+)"', page.text)
    person.files = []
    await person.write(keep=kept)
    await person.send("unproven")
    assert [attachment.sha256 for attachment in portal.envelopes[0].attachments] == [kept]


async def test_files_that_are_kept_survive_a_fault_elsewhere_and_are_not_sent_again(portal, person):
    person.files = [("a.jpg", picture()), ("b.txt", "یادداشت".encode())]
    page = await person.write(mobile="0912")
    kept = re.findall(r'name="keep" value="(\w+)"', page.text)
    assert len(kept) == 2
    person.files = []
    page = await person.write(keep=kept)
    assert page.status_code == 200
    await person.send("unproven")
    assert [attachment.sha256 for attachment in portal.envelopes[0].attachments] == kept


async def test_a_hash_of_somebody_elses_file_brings_nothing(portal, person):
    other = Person(portal, portal.visit("198.51.100.9"))
    other.files = [("b.txt", b"theirs")]
    await other.write(mobile="09350000000")
    await other.send("unproven")
    [theirs] = portal.envelopes[0].attachments
    await person.write(keep=theirs.sha256)
    await person.send("unproven")
    assert portal.envelopes[1].attachments == ()


async def test_there_is_room_for_five_files(portal, person):
    person.files = [(f"{n}.txt", b"note %d" % n) for n in range(7)]
    page = await person.write()
    assert say("fa", "ask.fault.files_many", most=5) in page.text
    kept = re.findall(r'name="keep" value="(\w+)"', page.text)
    assert len(kept) == 5
    person.files = [("0.txt", b"note 0")]
    assert (await person.write(keep=kept)).status_code == 422
    person.files = []
    await person.write(keep=kept)
    await person.send("unproven")
    assert len(portal.envelopes[0].attachments) == 5


async def test_the_same_file_twice_goes_along_once(portal, person):
    person.files = [("a.txt", b"note"), ("b.txt", b"note")]
    assert (await person.write()).status_code == 200
    await person.send("unproven")
    assert len(portal.envelopes[0].attachments) == 1


async def test_without_the_object_store_the_message_can_go_without_its_file(started, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    async with started(objects_url=str(tmp_path / "file")) as portal:
        person = Person(portal, portal.visit())
        person.files = [("a.jpg", picture())]
        page = await person.write()
        assert say("fa", "ask.fault.files_away") in page.text
        person.files = []
        await person.write()
        await person.send("unproven")
        assert portal.envelopes[0].text == TEXT


async def test_with_keys_a_file_is_kept_sealed(started, tmp_path):
    keys = ObjectsSettings(keys=json.dumps({"k": b64encode(bytes(32)).decode()}), key="k")
    async with started(objects=keys) as portal:
        person = Person(portal, portal.visit())
        person.files = [("a.txt", b"a word of mine")]
        await person.write()
        await person.send("unproven")
        [attachment] = portal.envelopes[0].attachments
    kept = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert kept == [tmp_path / "objects" / sealed_key_of(attachment.sha256)]
    assert b"a word of mine" not in kept[0].read_bytes()


def multipart(*parts: tuple[str, bytes], end: bool = True) -> bytes:
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


FIELDS = (
    ('name="kind"', b"complaint"),
    ('name="topic"', b"other"),
    ('name="text"', TEXT.encode()),
    ('name="msisdn"', MOBILE.encode()),
)
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


async def test_more_than_is_taken_is_not_read_and_what_was_typed_is_kept(portal):
    read = 0

    async def endless():
        nonlocal read
        yield multipart(*FIELDS, ('name="files"; filename="a.txt"', b""), end=False)
        while True:
            read += MEGABYTE
            yield b"a" * MEGABYTE

    page = await portal.visit().post("/ask/write", content=endless(), headers=FORM)
    assert page.status_code == 422
    assert say("fa", "ask.fault.files_total") in page.text
    assert TEXT in page.text
    assert read <= 42 * MEGABYTE
    assert portal.texts == []


async def test_a_form_that_was_cut_off_is_not_taken_for_a_whole_one(portal):
    whole = multipart(*FIELDS, ('name="files"; filename="a.txt"', b"the first half and the second"))
    page = await portal.visit().post("/ask/write", content=whole[:-60], headers=FORM)
    assert page.status_code == 422
    assert say("fa", "ask.fault.files_cut") in page.text
    assert TEXT in page.text
    assert (await portal.visit().post("/ask/write", content=whole, headers=FORM)).status_code == 200


@pytest.mark.parametrize(
    "told",
    [
        "multipart/form-data",
        'multipart/form-data; boundary="a\\"b"',
        f"multipart/form-data; boundary={BOUNDARY}; charset=unicode_escape",
        f'multipart/form-data; boundary="{BOUNDARY}"; charset=idna',
        "text/plain",
        "",
    ],
)
async def test_a_form_of_another_kind_breaks_nothing(portal, told):
    parts = (*FIELDS[:2], ('name="text"', b"\\ud800 \xff\xfe"), FIELDS[3])
    page = await portal.visit().post("/ask/write", content=multipart(*parts), headers={"Content-Type": told})
    assert page.status_code < 500


async def test_a_form_of_thousands_of_fields_is_refused(portal):
    many = multipart(*((f'name="a{n}"', b"1") for n in range(3_000)), *FIELDS)
    assert (await portal.visit().post("/ask/write", content=many, headers=FORM)).status_code in {303, 422}


async def test_whoever_sends_forms_without_end_waits_and_loses_nothing(started, monkeypatch):
    monkeypatch.setattr(asking, "_PER_MINUTE", 2)
    async with started() as portal:
        person = Person(portal, portal.visit(), files=[("a.txt", b"note")])
        pages = [await person.write(mobile="0912") for _ in range(3)]
        assert pages[2].status_code == 422
        assert "ثانیهٔ دیگر" in pages[2].text
        assert TEXT in pages[2].text
        elsewhere = Person(portal, portal.visit("198.51.100.9"))
        assert (await elsewhere.write()).status_code == 200


# what is sealed


@pytest.mark.parametrize("path", ["/ask/send", "/ask/edit", "/ask/code"])
@pytest.mark.parametrize("change", ["", "garbage", "cut", "turned", "other_key", "old_form"])
async def test_a_seal_that_is_not_ours_is_refused_kindly_and_sends_nothing(portal, person, path, change):
    await person.write()
    sealed, drafts = person.form["draft"], Drafts(portal.settings.key)
    hostile = {
        "": "",
        "garbage": "ق" * 90,
        "cut": sealed[:-3],
        "turned": ("B" if sealed[9] != "B" else "C").join((sealed[:9], sealed[10:])),
        "other_key": Drafts(b"1" * 32).seal(drafts.open(sealed).draft),
        "old_form": drafts._serializer.dumps({"kind": "complaint"}),
    }[change]
    page = await portal.visit().post(path, data={"draft": hostile, "do": "unproven"})
    assert page.status_code == 422
    assert say("fa", "ask.stale.title") in page.text
    assert portal.envelopes == []


async def test_a_form_that_lay_too_long_shows_what_was_written_and_sends_nothing(portal, person, monkeypatch):
    await person.write()
    drafts = Drafts(portal.settings.key)
    draft = drafts.open(person.form["draft"]).draft
    with monkeypatch.context() as earlier:
        earlier.setattr("itsdangerous.timed.time", SimpleNamespace(time=lambda: time.time() - 7_300))
        person.form["draft"] = drafts.seal(draft)
    for path in ("/ask/send", "/ask/code"):
        page = await portal.visit().post(path, data={"draft": person.form["draft"], "do": "unproven"})
        assert page.status_code == 200
        assert say("fa", "ask.write.late") in page.text
        assert TEXT in page.text
    assert portal.envelopes == []


async def test_a_draft_holds_the_longest_message_and_still_fits_its_form(portal, person):
    await person.write(text="".join(chr(0x1F300 + n % 700) for n in range(4_000)))
    assert len(person.form["draft"]) < 50_000
    sent = await person.send("unproven")
    assert sent.status_code == 200
    assert len(portal.envelopes[0].text) == 4_000


async def test_nobody_makes_up_the_case_that_a_message_joins(portal, person, behind):
    behind.answers[CASES] = {"cases": [case("1234567897")], "next_cursor": None}
    await person.sign_in()
    await person.write()
    page = await person.send("join:9999999999")
    assert portal.envelopes == []
    assert "join:1234567897" in decisions(page.text)


# more of a case that is open


async def test_whoever_has_a_case_of_this_topic_says_whether_it_is_more_of_it(portal, person, behind):
    await person.sign_in()
    behind.answers[CASES] = {
        "cases": [
            case("1234567897"),
            case("2345678906", state="closed"),
            case("3456789013", topic="other"),
            case("4567890126", state="answered"),
        ],
        "next_cursor": None,
    }
    review = await person.write()
    assert decisions(review.text) == ["join:1234567897", "join:4567890126", "new"]
    sent = await person.send("join:1234567897")
    [envelope] = portal.envelopes
    assert envelope.refers_to == "1234567897"
    assert shown_code(sent.text) == "1234567897"
    assert say("fa", "ask.sent.joined") in sent.text


async def test_a_new_matter_stays_apart(portal, person, behind):
    await person.sign_in()
    behind.answers[CASES] = {"cases": [case("1234567897")], "next_cursor": None}
    await person.write()
    await person.send("new")
    assert portal.envelopes[0].refers_to is None


async def test_whoever_proves_their_number_here_is_asked_too_before_anything_is_sent(portal, person, behind):
    behind.answers[CASES] = {"cases": [case("1234567897")], "next_cursor": None}
    review = await person.write()
    assert decisions(review.text) == ["prove", "unproven"], "nothing is told of a number that is not proved"
    page = await person.send("prove", code=person.code)
    assert portal.envelopes == []
    assert decisions(page.text) == ["join:1234567897", "new"]
    assert SESSION_COOKIE in page.headers["set-cookie"]
    await person.send("join:1234567897")
    assert portal.envelopes[0].refers_to == "1234567897"


async def test_without_the_store_nobody_is_kept_from_sending(portal, person, behind):
    behind.away = True
    await person.write()
    sent = await person.send("prove", code=person.code)
    assert sent.status_code == 200
    assert len(portal.envelopes) == 1


# what may be away


async def test_what_cannot_be_proved_can_still_be_said_and_joins_nobody(portal, person):
    await person.write()
    sent = await person.send("unproven")
    [envelope] = portal.envelopes
    assert (envelope.sender.kind, envelope.sender.value) == (AddressKind.ACCOUNT, f"unproven:{E164}")
    assert "set-cookie" not in sent.headers
    assert shown_code(sent.text) == envelope.tracking_code
    assert say("fa", "ask.sent.next_no_sms") in sent.text
    assert "/follow" not in sent.text


async def test_without_redis_a_message_goes_without_a_code_by_text(started, mortal_redis):
    async with started(redis=mortal_redis) as portal:
        mortal_redis.stop()
        person = Person(portal, portal.visit())
        page = await person.write()
        assert page.status_code == 200
        assert say("fa", "ask.review.no_code") in page.text
        assert decisions(page.text) == ["unproven"]
        assert (await person.send("unproven")).status_code == 200
        assert portal.envelopes[0].sender.kind is AddressKind.ACCOUNT


async def test_when_redis_goes_away_the_code_waits_and_the_message_is_kept(started, mortal_redis):
    async with started(redis=mortal_redis) as portal:
        person = Person(portal, portal.visit())
        await person.write()
        code = person.code
        mortal_redis.stop()
        page = await person.send("prove", code=code)
        assert page.status_code == 503
        assert say("fa", "ask.review.not_checked") in page.text
        assert TEXT in page.text
        assert portal.envelopes == []
        assert (await person.send("unproven")).status_code == 200


async def test_without_kafka_the_spool_takes_it_and_the_code_is_shown(portal, person):
    await person.sign_in()
    await person.write()
    portal.bus.down = True
    sent = await person.send("new")
    assert sent.status_code == 200
    code = shown_code(sent.text)
    assert portal.envelopes == []
    portal.bus.down = False
    for _ in range(100):
        if portal.envelopes:
            break
        await asyncio.sleep(0.05)
    assert portal.envelopes[0].tracking_code == code


async def test_without_kafka_no_code_can_be_texted_and_the_message_goes_all_the_same(portal, person):
    portal.bus.down = True
    page = await person.write()
    assert say("fa", "ask.review.no_code") in page.text
    assert (await person.send("unproven")).status_code == 200


async def test_what_nothing_can_take_comes_back_with_a_button_and_the_proof_still_counts(
    portal, person, monkeypatch
):
    await person.write()
    code = person.code

    async def refuse(_intake, _envelope):
        raise NotAcceptedError

    with monkeypatch.context() as refused:
        refused.setattr(Intake, "accept", refuse)
        page = await person.send("prove", code=code)
        assert page.status_code == 503
        assert page.headers["retry-after"]
        assert TEXT in page.text
        assert decisions(page.text) == ["new"]
        person.browser.cookies.clear()
        assert (await person.send("new")).status_code == 503
    sent = await person.send("new")
    assert sent.status_code == 200
    [envelope] = portal.envelopes
    assert envelope.sender.value == E164
    assert len(portal.texts) == 1


async def test_without_a_tracking_code_the_message_is_taken_and_the_page_says_how_it_comes(
    portal, person, monkeypatch
):
    monkeypatch.setattr(CodeMint, "take", lambda _mint: None)
    await person.write()
    sent = await person.send("unproven")
    assert sent.status_code == 200
    assert say("fa", "ask.sent.no_code") in sent.text
    assert portal.envelopes[0].tracking_code is None


async def test_the_limit_of_messages_without_proof_keeps_the_message(started, monkeypatch):
    monkeypatch.setattr(asking, "_PER_MINUTE", 1)
    async with started() as portal:
        person = Person(portal, portal.visit())
        await person.write()
        page = await person.send("unproven")
        assert page.status_code == 429
        assert int(page.headers["retry-after"]) > 0
        assert TEXT in page.text
        assert portal.envelopes == []


async def test_a_form_of_another_site_is_refused(portal, person):
    await person.write()
    stranger = portal.visit(**{"Sec-Fetch-Site": "cross-site"})
    answer = await stranger.post("/ask/send", data={"draft": person.form["draft"], "do": "unproven"})
    assert answer.status_code == 403
    assert portal.envelopes == []


async def test_every_page_of_the_way_speaks_english_as_well(portal):
    browser = portal.visit()
    form = {"kind": "question", "topic": "other", "text": "Where is my record?", "msisdn": MOBILE}
    page = await browser.post("/ask/write?lang=en", data=form, files=[("files", ("", b""))])
    assert 'action="/ask/send?lang=en"' in page.text
    draft = values(page.text)["draft"]
    assert "Is it you?" in page.text
    edited = await browser.post("/ask/edit?lang=en", data={"draft": draft})
    assert 'action="/ask/write?lang=en"' in edited.text
    sent = await browser.post("/ask/send?lang=en", data={"draft": draft, "do": "unproven"})
    assert "Your message is registered" in sent.text


async def test_nothing_of_a_person_stands_in_the_log(portal, person, capsys):
    await person.write()
    await person.send("prove", code=person.code)
    said = "".join(capsys.readouterr())
    assert [word for word in (MOBILE, E164, TEXT, portal.envelopes[0].tracking_code) if word in said] == []


def test_every_kind_of_file_that_is_taken_has_a_name_to_show():
    assert len(ask_writing._MEDIA) >= 10
