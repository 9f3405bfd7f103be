"""Whatever bytes somebody sends: a file that is kept, or a refusal with its reason."""

import struct
from io import BytesIO

import pytest
from django.conf import settings as django_settings
from PIL import Image

from pharos.actions import uploads
from pharos.actions.errors import Refused
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path


def photo_with_damaged_metadata() -> bytes:
    """What Pillow reads and cannot write again: a width made of letters."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    out = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG", exif=exif)
    return out.getvalue().replace(b"\x01\x0f\x00\x02", b"\x01\x00\x00\x02")


def keep(content: bytes):
    return uploads.keep(organisation=make_organisation(), name="photo.jpg", content=content, now=NOW)


def test_photo_with_damaged_metadata_is_kept_without_them():
    kept = keep(photo_with_damaged_metadata())
    with Image.open(django_settings.UPLOADS_DIR / kept.path) as picture:
        assert (picture.size, dict(picture.getexif())) == ((40, 30), {})


def test_photo_is_kept_upright():
    kept = keep(photo_with_damaged_metadata().replace(b"\x01\x00\x00\x02", b"\x01\x0f\x00\x02"))
    with Image.open(django_settings.UPLOADS_DIR / kept.path) as picture:
        assert (picture.size, dict(picture.getexif())) == ((30, 40), {})


@pytest.mark.parametrize("error", [struct.error, IndexError, TypeError, ZeroDivisionError, OSError])
def test_picture_that_cannot_be_drawn_is_refused_whatever_the_reason(monkeypatch, error):
    def broken(*_given, **_named):
        raise error("broken")

    monkeypatch.setattr(Image, "open", broken)
    with pytest.raises(Refused) as refused:
        keep(photo_with_damaged_metadata())
    assert refused.value.code == "broken_picture"


def test_want_of_memory_is_not_the_pictures_fault(monkeypatch):
    def full(*_given, **_named):
        raise MemoryError

    monkeypatch.setattr(Image, "open", full)
    with pytest.raises(MemoryError):
        keep(photo_with_damaged_metadata())
