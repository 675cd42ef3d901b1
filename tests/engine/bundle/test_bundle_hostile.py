"""Bundles made to do harm: each is refused with one line, nothing is written, nothing is run."""

import io
import json
import os
import struct
import zipfile

import pytest

from tests.engine.bundle.hostile import packed, refused, replaced
from tests.engine.tiny_bundle import manifest
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle
from uhrs_qgis_plugin.engine.bundle.manifest import parse_manifest
from uhrs_qgis_plugin.engine.errors import BundleError

# The archive


def test_bomb_of_zeros_is_refused_without_unpacking(members, folder, monkeypatch):
    path = folder / "model.uhrs"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            with archive.open(name, "w", force_zip64=False) as file:
                file.write(content)
                if name == "low.onnx":
                    for _ in range(520):
                        file.write(bytes(2**20))
    assert path.stat().st_size < 4 * 2**20
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *rest, **others: pytest.fail("a member was unpacked"))
    refused(path, r"unpacks to \d+ bytes, allowed are 536870912")


def test_bomb_that_announces_little_is_stopped_there(members, folder):
    path = packed(folder, replaced(members, "low.onnx", bytes(50 * 2**20)))
    raw = bytearray(path.read_bytes())
    raw[:] = raw.replace(struct.pack("<I", 50 * 2**20), struct.pack("<I", 1000))
    path.write_bytes(raw)
    refused(path, "is not a bundle or is damaged|announces 1000 bytes")


@pytest.mark.parametrize(
    "name", ["../../evil", "/evil", "C:\\evil", "low.onnx\n", "\x1b[2J", "a" * 300, "..\\low.onnx"]
)
def test_member_names_are_quoted_in_one_line(members, folder, name):
    refused(packed(folder, [*members.items(), (name, b"x")]), "has the member '")


def test_name_cut_at_a_null_is_a_second_member(members, folder):
    path = packed(folder, [*members.items(), ("low.onnx_evil", b"x")])
    path.write_bytes(path.read_bytes().replace(b"low.onnx_evil", b"low.onnx\0evil"))
    refused(path, "has a member twice|is damaged")


def test_directory_of_a_million_entries_is_not_read(members, folder, monkeypatch):
    path = packed(folder, members.items())
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, raw.rindex(b"PK\5\6") + 12, 50_000_000)
    path.write_bytes(raw)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *rest: pytest.fail("zipfile was asked"))
    refused(path, "has a directory of 50000000 bytes, which no bundle needs")


def test_directory_behind_a_comment_is_found(members, folder):
    path = folder / "model.uhrs"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"c" * 1000
        for name, content in members.items():
            archive.writestr(name, content)
    assert read_bundle(path).name == "tiny"
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, raw.rindex(b"PK\5\6") + 12, 50_000_000)
    path.write_bytes(raw)
    refused(path, "has a directory of")


def test_zip64_is_refused(members, folder):
    path = packed(folder, members.items())
    raw = path.read_bytes()
    end = raw.rindex(b"PK\5\6")
    path.write_bytes(raw[:end] + b"PK\6\7" + bytes(16) + raw[end:])
    refused(path, "is in the ZIP64 format, which no bundle needs")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_does_not_hang(folder):
    os.mkfifo(folder / "model.uhrs")
    refused(folder / "model.uhrs", "is not a file")


# The manifest


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1e999}', "the number 1e999 is too large"),
        (f'{{"a": {"9" * 299}e99}}', "the number 99999999999999999999 is too large"),
        (f'{{"a": {"9" * 400}.0}}', "the number 99999999999999999999 is too large"),
        ('{"a": -Infinity}', "constant -Infinity is not allowed"),
        ('{"a": ' + "9" * 10**6 + "}", "a number has 1000000 digits, allowed are 20"),
        ('{"a": 1, "a": 2}', "the key 'a' is there twice"),
        ('{"a": ' * 50_000, "not valid JSON"),
        ("\ufeff{}", "not valid JSON"),
    ],
)
def test_json_traps(text, reason):
    with pytest.raises(BundleError, match=reason) as caught:
        parse_manifest(text.encode())
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("uhrs:licence", "\x1b[2J"),
        ("uhrs:training_data", "\ud800"),
        ("uhrs:training_data", "x" * 10_001),
        ("uhrs:metrics", {"\x07": 1}),
        ("uhrs:metrics", {"miou": ["a"]}),
        ("uhrs:metrics", {"miou": "\x1b]0;title\x07"}),
        ("uhrs:metrics", {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}}),
        ("mlm:name", "tiny\u202e"),
    ],
)
def test_texts_that_steer_a_terminal_are_refused(key, value):
    with pytest.raises(BundleError, match=f"'{key}' is") as caught:
        parse_manifest(json.dumps({**manifest(), key: value}).encode())
    assert str(caught.value).isprintable()


def test_texts_of_people_are_kept():
    texts = {"uhrs:licence": "MIT\nand more", "uhrs:metrics": {"K = 50 %": {"miou": 61.5, "note": None, "ok": True}}}
    assert parse_manifest(json.dumps({**manifest(), **texts}).encode())["uhrs:licence"] == "MIT\nand more"


def test_reading_opens_nothing_but_the_model(members, folder, monkeypatch):
    """No member is ever written, and no path of the archive is ever opened."""
    path = packed(folder, members.items())
    opened = []
    real = io.open

    def watch(file, *rest, **others):
        opened.append(os.fspath(file))
        return real(file, *rest, **others)

    monkeypatch.setattr("builtins.open", watch)
    read_bundle(path)
    assert opened == [str(path)]
