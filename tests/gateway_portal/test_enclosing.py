"""What people send along is what they meant to send: no place, no camera, no tail, nothing that runs."""

import asyncio
import hashlib
import io
import struct
import threading
import zlib

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from gateway_portal.handlers import enclosing as module
from gateway_portal.handlers.enclosing import Enclosing
from gateway_portal.images import cleaned, papers
from gateway_portal.images.papers import bare_jpeg
from gateway_portal.images.pictures import MOST_PIXELS
from objects.errors import FileRefusedError, FileTooLargeError, ObjectsUnavailableError
from objects.store import key_of, objects_at

SECRET = b"35.6892N 51.3890E"
ZIP = b"PK\x03\x04" + b"a program in a tail" * 20
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
FORMS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


def drawn(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Red above, blue below, so that it can be told which way is up."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (0, size[1] // 2, *size))
    return picture


def telling() -> Image.Exif:
    """What a telephone writes into its photographs."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[MAKE] = SECRET.decode()
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (35.0, 41.0, 21.0)
    return exif


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that claims to be so large."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def paper(change=lambda _pdf: None, **options: object) -> bytes:
    """A PDF of one page, changed as the test wants."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    change(pdf)
    written = io.BytesIO()
    pdf.save(written, **options)
    return written.getvalue()


def clean(content: bytes, media_type: str) -> bytes:
    return cleaned(io.BytesIO(content), media_type).read()


def why(content: bytes, media_type: str) -> str:
    with pytest.raises(FileRefusedError) as refused:
        clean(content, media_type)
    return refused.value.members["why"]


@pytest.fixture
def objects(tmp_path):
    return objects_at(str(tmp_path / "objects"))


@pytest.fixture
def enclosing(objects):
    return Enclosing(objects, 1_000_000)


async def kept(objects, attachment) -> bytes:
    opened = await objects.open(attachment.sha256)
    return b"".join([piece async for piece in opened.chunks])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_photograph_keeps_its_picture_and_loses_where_and_with_what_it_was_taken(
    enclosing, objects, form
):
    sent = (
        saved(drawn(), form, exif=telling(), xmp=b"<x>" + SECRET + b"</x>")
        if form != "PNG"
        else saved(drawn(), form, exif=telling())
    )
    assert SECRET in sent
    attachment = await enclosing.keep(io.BytesIO(sent))
    there = await kept(objects, attachment)
    assert SECRET not in there
    assert b"Exif" not in there
    with Image.open(io.BytesIO(there)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.format == form
        # It was lying on its side, and the mark that said so is gone: so it must stand now.
        assert picture.size == (20, 40)
        red, _, blue = picture.convert("RGB").getpixel((2, 20))
        assert (red < 60, blue > 200) == (True, True)
    assert attachment.media_type == FORMS[form]
    assert attachment.sha256 == hashlib.sha256(there).hexdigest()
    assert attachment.uri == key_of(attachment.sha256)
    assert attachment.size == len(there)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_rides_on_the_tail_of_a_picture(form):
    there = clean(saved(drawn(), form) + ZIP, FORMS[form])
    assert b"PK\x03\x04" not in there
    with Image.open(io.BytesIO(there)) as picture:
        picture.load()


@pytest.mark.parametrize("form", FORMS)
def test_comments_and_profiles_go_too(form):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    options = {
        "PNG": {"pnginfo": notes},
        "WEBP": {},
        "JPEG": {"comment": SECRET},
        "GIF": {"comment": SECRET},
    }[form]
    profile = {} if form == "GIF" else {"icc_profile": SECRET * 10}
    there = clean(saved(drawn(), form, **options, **profile), FORMS[form])
    assert SECRET not in there
    assert b"Author" not in there


def test_of_a_moving_picture_the_first_frame_is_kept():
    frames = [Image.new("P", (8, 8), colour) for colour in (1, 2, 3)]
    moving = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(clean(moving, "image/gif"))) as picture:
        assert picture.n_frames == 1


def test_what_can_be_seen_through_stays_so():
    picture = Image.new("P", (8, 8), 0)
    with Image.open(io.BytesIO(clean(saved(picture, "PNG", transparency=0), "image/png"))) as there:
        assert there.convert("RGBA").getpixel((0, 0))[3] == 0


def test_colours_for_print_become_colours_for_a_screen():
    there = clean(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), "image/jpeg")
    with Image.open(io.BytesIO(there)) as picture:
        assert picture.mode == "RGB"
        assert picture.getpixel((4, 4))[0] > 200


@pytest.mark.parametrize("size", [(8_000, 5_001), (9_000, 9_000), (60_000, 60_000)])
def test_what_unfolds_into_far_more_than_it_looks_is_refused(size):
    sent = bomb(*size)
    assert len(sent) < 20_000
    assert size[0] * size[1] > MOST_PIXELS
    assert why(sent, "image/png") == "huge"


def test_a_photograph_of_endless_passes_is_refused_before_it_is_drawn():
    sent = saved(drawn(), "JPEG", progressive=True)
    assert clean(sent, "image/jpeg")
    assert why(sent + b"\xff\xda" * 500, "image/jpeg") == "huge"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0 and then words", "image/jpeg"),
        (saved(drawn((400, 400)), "JPEG")[:600], "image/jpeg"),
        (saved(drawn(), "PNG")[:60], "image/png"),
        (b"GIF89a" + b"\xff" * 40, "image/gif"),
        (b"RIFF\x20\x00\x00\x00WEBPVP8 " + b"\0" * 20, "image/webp"),
        (b"%PDF-1.7\n and then words", "application/pdf"),
        (b"%PDF-1.4\n%%EOF", "application/pdf"),
    ],
)
def test_what_is_not_what_its_first_bytes_promise_is_refused(content, media_type):
    assert why(content, media_type) == "broken"


def test_another_picture_in_the_clothes_of_a_photograph_is_refused():
    """The decoder is the one of what was sniffed, never any that fits."""
    assert why(saved(drawn(), "PNG"), "image/jpeg") == "broken"


def hide(pdf: pikepdf.Pdf) -> None:
    """All the places where a PDF can act, hide something, or tell of its writer."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('runs')"))
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
    pdf.Root.OpenAction = pdf.make_indirect(script)
    pdf.Root.AA = pikepdf.Dictionary(WC=script)
    pdf.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=[pikepdf.String("a"), script]),
    )
    pdf.attachments["hidden.exe"] = b"MZ a hidden program"
    page = pdf.pages[0].obj
    page.AA = pikepdf.Dictionary(O=script)
    page.Annots = [
        pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 99, 99],
                A=pikepdf.Dictionary(
                    S=pikepdf.Name.GoTo, D=[page, pikepdf.Name.Fit], Next=[[launch], script]
                ),
            )
        )
    ]
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=pdf.make_stream(b"<xfa>runs</xfa>"))
    pdf.docinfo["/Author"] = SECRET.decode()
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET.decode()]


def test_a_paper_loses_what_runs_what_is_hidden_and_who_wrote_it():
    sent = paper(hide, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    told = (
        b"runs",
        b"JavaScript",
        b"calc.exe",
        b"Launch",
        b"hidden.exe",
        b"a hidden program",
        SECRET,
        b"XFA",
    )
    assert [word for word in told if word not in sent] == []
    there = clean(sent + ZIP, "application/pdf")
    assert [
        word for word in (*told, b"OpenAction", b"/AA", b"Metadata", b"PK\x03\x04") if word in there
    ] == []
    with pikepdf.open(io.BytesIO(there)) as pdf:
        assert len(pdf.pages) == 1
        assert len(pdf.pages[0].Annots) == 1
        assert "/Info" not in pdf.trailer
        assert len(pdf.attachments) == 0


def test_a_photograph_in_a_paper_loses_where_it_was_taken_and_keeps_its_pixels():
    photograph = saved(drawn(), "JPEG", exif=telling(), comment=SECRET)

    def put(pdf: pikepdf.Pdf) -> None:
        picture = pdf.make_stream(photograph, Filter=pikepdf.Name.DCTDecode, Subtype=pikepdf.Name.Image)
        picture.Width, picture.Height, picture.BitsPerComponent = 40, 20, 8
        picture.ColorSpace = pikepdf.Name.DeviceRGB
        # Resources are named as one likes.
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(AA=picture))

    there = clean(paper(put), "application/pdf")
    assert SECRET not in there
    with pikepdf.open(io.BytesIO(there)) as pdf:
        bare = pdf.pages[0].Resources.XObject["/AA"].read_raw_bytes()
    with Image.open(io.BytesIO(bare)) as after, Image.open(io.BytesIO(photograph)) as before:
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize(
    "jpeg", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00", b"\xff\xd8\xff\xe1\x00\x00" * 9, b"GIF"]
)
def test_a_broken_photograph_in_a_paper_is_left_as_it_is_or_shortened(jpeg):
    assert len(bare_jpeg(jpeg)) <= len(jpeg)


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_locked_paper_is_refused(password):
    sent = paper(encryption=pikepdf.Encryption(owner="owner", user=password))
    assert why(sent, "application/pdf") == "locked"


def test_a_paper_that_unfolds_without_end_is_refused():
    def swell(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Swollen = pikepdf.Array([pikepdf.String("x" * 1_000)] * 2_000)

    module.guard_memory()
    pikepdf.settings.set_qpdf_limits(flate_max_memory=100_000)
    try:
        sent = paper(swell, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert len(sent) < 50_000
        assert why(sent, "application/pdf") == "broken"
    finally:
        module.guard_memory()
    assert clean(sent, "application/pdf")
    assert 0 < pikepdf.settings.get_qpdf_limits()["flate_max_memory"] <= 1_000_000_000


@pytest.mark.parametrize("bound", ["_MOST_OBJECTS", "_MOST_PARTS"])
def test_a_paper_of_parts_without_end_is_refused(monkeypatch, bound):
    def swell(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Many = [pdf.make_indirect(pikepdf.Dictionary()) for _ in range(300)]

    sent = paper(swell)
    assert clean(sent, "application/pdf")
    monkeypatch.setattr(papers, bound, 200)
    assert why(sent, "application/pdf") == "huge"


async def test_sound_and_text_stay_as_they_came(enclosing, objects):
    for content, media_type in ((b"#!AMR\n<\x91 a voice", "audio/amr"), ("سلام".encode(), "text/plain")):
        attachment = await enclosing.keep(io.BytesIO(content))
        assert attachment.media_type == media_type
        assert await kept(objects, attachment) == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a program",
        b"PK\x03\x04",
        b"<script>\x00</script>",
        b"<svg \xff\xfe",
        b"\x1f\x8b\x08 gzip",
    ],
)
async def test_a_file_of_no_kind_that_is_taken_is_refused(enclosing, content):
    with pytest.raises(FileRefusedError):
        await enclosing.keep(io.BytesIO(content))


async def test_a_file_that_is_too_large_is_refused(enclosing):
    with pytest.raises(FileTooLargeError):
        await enclosing.keep(io.BytesIO(b"a" * 1_000_001))


async def test_the_same_file_twice_is_one_file(enclosing):
    sent = paper(hide)
    first, second = await enclosing.keep(io.BytesIO(sent)), await enclosing.keep(io.BytesIO(sent))
    assert first == second


async def test_without_the_object_store_nothing_is_promised(tmp_path):
    (tmp_path / "objects").write_text("a file where a folder should be")
    enclosing = Enclosing(objects_at(str(tmp_path / "objects")), 1_000)
    with pytest.raises(ObjectsUnavailableError):
        await enclosing.keep(io.BytesIO(b"words"))


async def test_few_at_once_are_made_anew_and_the_pages_go_on_meanwhile(enclosing, monkeypatch):
    now, most, lock = 0, 0, threading.Lock()
    let = threading.Event()

    def slow(content, _media_type):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        let.wait(5)
        with lock:
            now -= 1
        return content

    monkeypatch.setattr(module, "cleaned", slow)
    waiting = [asyncio.create_task(enclosing.keep(io.BytesIO(b"words %d" % n))) for n in range(6)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in waiting)
    let.set()
    await asyncio.gather(*waiting)
    assert most == 2
