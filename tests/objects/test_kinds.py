"""A file is what its bytes say, and is called what its type allows."""

import io
import struct
import zlib

import pytest

from objects.errors import FileRefusedError, FileTooLargeError
from objects.inspection import inspect
from objects.kinds import LONGEST_NAME, TEXT, Media, clean_name, ending_of, sniff

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + struct.pack(">I", 13)
    + b"IHDR"
    + bytes(13)
    + struct.pack(">I", zlib.crc32(b"IHDR"))
)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
SEEN = {
    "image/jpeg": JPEG,
    "image/png": PNG,
    "image/gif": b"GIF89a\x01\x00\x01\x00",
    "image/webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L",
    "application/pdf": PDF,
    "audio/ogg": b"OggS\x00\x02"
    + bytes(8)
    + b"\x01\x02\x03\x04"
    + bytes(4)
    + b"\xaa\xbb\xcc\xdd\x01\x13OpusHead\x01",
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "audio/amr": b"#!AMR\n<\x91",
    "audio/mp4": b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00",
    "audio/mpeg": b"ID3\x04\x00\x00\x00\x00\x00\x23",
}


@pytest.mark.parametrize(("media_type", "head"), SEEN.items())
def test_a_file_is_what_its_first_bytes_say(media_type: str, head: bytes):
    found = sniff(head)
    assert found is not None
    assert found.type == media_type
    assert ending_of(media_type) == found.endings[0]
    assert inspect(io.BytesIO(head), 1000).media == found


@pytest.mark.parametrize("head", [b"\xff\xfb\x90\x64\x00", b"\xff\xf3\x40\xc4\x00"])
def test_sound_without_a_header_is_known_by_its_first_frame(head: bytes):
    found = sniff(head)
    assert found is not None
    assert found.type == "audio/mpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03\x00\x00\x00",  # a program
        b"PK\x03\x04\x14\x00\x06\x00",  # an archive, or an office document
        b"\x7fELF\x02\x01\x01\x00",
        b"\x00\x00\x00\x18ftypmp42",  # a film
        b"OggS\x00\x02" + bytes(22) + b"\x80theora",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"\xff\xfe<\x00h\x00t\x00m\x00l\x00",  # text in UTF-16
        b"\x89PNG\r\n",  # cut off
        "سلام".encode("cp1256"),
        b"text \x00 with a zero",
        b"text \x1b[2J that clears a terminal",
        "بریده".encode()[:-1],
    ],
)
def test_what_is_none_of_the_kinds_is_refused(content: bytes):
    with pytest.raises(FileRefusedError, match="none of the kinds"):
        inspect(io.BytesIO(content), 1000)


@pytest.mark.parametrize("content", ["سلام\r\nدنیا\t۱", "<script>alert(1)</script>", "\ufeffname;code"])
def test_text_is_text_whatever_it_says(content: str):
    assert inspect(io.BytesIO(content.encode()), 1000).media is TEXT


def test_a_letter_that_lies_across_two_pieces_is_whole():
    content = b"a" * (64 * 1024 - 1) + "ی".encode()
    assert inspect(io.BytesIO(content), 100_000).size == len(content)


def test_a_page_inside_a_document_is_a_document_and_a_document_inside_a_page_is_text():
    page = b"<html><script>alert(1)</script></html>"
    assert inspect(io.BytesIO(PDF + page), 1000).media.type == "application/pdf"
    assert inspect(io.BytesIO(page + b"%PDF-1.7\n"), 1000).media is TEXT
    with pytest.raises(FileRefusedError):
        inspect(io.BytesIO(page + PDF), 1000)


def test_an_empty_file_and_one_too_large_are_refused():
    with pytest.raises(FileRefusedError, match="empty"):
        inspect(io.BytesIO(), 1000)
    with pytest.raises(FileTooLargeError):
        inspect(io.BytesIO(JPEG + bytes(1000)), 1000)


PICTURE = Media("image/jpeg", ("jpg", "jpeg"))


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("فیش حقوقی.jpg", "فیش حقوقی.jpg"),
        ("می‌روم.JPEG", "می‌روم.JPEG"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\ali\\عکس.jpg", "عکس.jpg"),
        ("invoice\u202egpj.exe", "invoicegpj.exe.jpg"),
        ("a\u2066b\u2069\u200fc.jpg", "abc.jpg"),
        ("page.html", "page.html.jpg"),
        ("two\r\nlines: here.jpg", "two lines_ here.jpg"),
        ("nul\0l.jpg", "null.jpg"),
        ('"quoted"; x=<y>|?*.jpg', "_quoted_; x=_y____.jpg"),
        ("...hidden.jpg", "hidden.jpg"),
        (".jpg", "jpg.jpg"),
        ("", "file.jpg"),
        ("/", "file.jpg"),
        ("\u202e\u200b", "file.jpg"),
        ("   .  ", "file.jpg"),
        ("no ending", "no ending.jpg"),
        ("e\u0301.jpg", "é.jpg"),
        ("\ud800bad.jpg", "bad.jpg"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(claimed: str, name: str):
    assert clean_name(claimed, PICTURE) == name


def test_a_long_name_keeps_its_ending():
    name = clean_name("ن" * 500 + ".jpeg", PICTURE)
    assert len(name) == LONGEST_NAME
    assert name.endswith("ن.jpeg")
