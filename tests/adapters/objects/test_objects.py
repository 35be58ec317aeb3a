from pathlib import Path

import pytest

from stonks.adapters.objects import open_objects
from stonks.model.errors import Refused, SettingError
from stonks.ports.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_objects(f"file://{tmp_path}/objects")


async def test_what_was_put_comes_back(objects: Objects) -> None:
    await objects.put("raw/sha256/ab/cdef", b"\x00bytes\xff")

    assert await objects.get("raw/sha256/ab/cdef") == b"\x00bytes\xff"


async def test_an_object_is_never_changed(objects: Objects) -> None:
    await objects.put("key", b"first")
    await objects.put("key", b"second")

    assert await objects.get("key") == b"first"


async def test_an_empty_object_is_an_object(objects: Objects) -> None:
    await objects.put("empty", b"")

    assert await objects.get("empty") == b""


@pytest.mark.parametrize("key", ["missing", "../outside", "/etc/hosts", "raw//a", "raw/.hidden", "raw/"])
async def test_a_key_that_is_not_there_is_refused(objects: Objects, key: str) -> None:
    with pytest.raises(Refused, match=key):
        await objects.get(key)


async def test_nothing_but_the_object_is_left_behind(tmp_path: Path, objects: Objects) -> None:
    for data in (b"first", b"second"):
        await objects.put("raw/key", data)

    assert [file.name for file in (tmp_path / "objects").rglob("*") if file.is_file()] == ["key"]


async def test_two_processes_on_one_directory_see_the_same_objects(tmp_path: Path, objects: Objects) -> None:
    await objects.put("key", b"bytes")

    assert await open_objects(f"file://{tmp_path}/objects").get("key") == b"bytes"


@pytest.mark.parametrize("url", ["ftp://host/x", "file://relative/path", "s3://", "s3://bucket?colour=red"])
def test_a_url_that_names_no_store_is_a_setting_error(url: str) -> None:
    with pytest.raises(SettingError, match="STONKS_OBJECTS_URL"):
        open_objects(url)
