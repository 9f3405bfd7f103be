"""Files that people send: looked at, stripped of what they say about their maker, and kept outside the web root."""

import os
import secrets
import threading
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import filetype
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from pharos import cores
from pharos.actions.errors import Refused
from pharos.models import Attachment, Organisation

MOST_BYTES: Final = 10 * 2**20
MOST_PIXELS: Final = 30_000_000
LONGEST_SIDE: Final = 4000
DRAWING: Final = threading.BoundedSemaphore(2)  # a picture takes much memory while it is drawn anew
NAME_LENGTH: Final = 120
IMAGES: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "PNG"}
ENDINGS: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
TYPES_OF: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def keep(*, organisation: Organisation, name: str, content: bytes, now: datetime) -> Attachment:
    """Keep a file for a form that is not sent yet; `Refused` says what is wrong with it.

    Images lose their metadata, place and time included. Only images, PDF and plain text are taken, by their content.
    """
    if not content:
        raise Refused("empty_file", _("This file is empty."))
    if len(content) > MOST_BYTES:
        raise Refused("big_file", _("This file is larger than 10 MB. A smaller copy or a photo of it is enough."))
    media_type, clean, ending = _checked(content)
    token = secrets.token_urlsafe(24)
    path = f"{now:%Y/%m}/{token}"
    _write(settings.UPLOADS_DIR / path, clean)
    return Attachment.objects.create(
        organisation=organisation,
        token=token,
        name=safe_name(name, ending),
        media_type=media_type,
        size=len(clean),
        path=path,
        created_at=now,
    )


def safe_name(name: str, ending: str) -> str:
    """What a download is called: the last part of the name, without what a file system or a header could trip on."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    kept = "".join(one for one in stem if one.isalnum() or one in " -_().,").strip(" .")
    return (kept[:NAME_LENGTH] or "file") + ending


def _checked(content: bytes) -> tuple[str, bytes, str]:
    """Media type, clean content and file ending by what the bytes are, whatever the name says."""
    kind = filetype.guess(content)
    found = kind.mime if kind else ""
    if found in IMAGES:
        form = IMAGES[found]
        return TYPES_OF[form], _clean_image(content, form), ENDINGS[form]
    if found == "application/pdf" or content[:1024].lstrip().startswith(b"%PDF-"):
        return "application/pdf", content, ".pdf"
    if not found and _is_text(content):
        return "text/plain", content, ".txt"
    raise Refused("file_type", _("We can take pictures (JPEG, PNG, WebP, GIF), PDF and plain text."))


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return not any(ord(one) < 32 and one not in "\t\r\n\f" for one in text)


def _clean_image(content: bytes, form: str) -> bytes:
    """The picture drawn anew: upright, within a sane size, and without metadata."""
    try:
        with DRAWING, cores.aside(), Image.open(BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("big_picture", _("This picture has too many pixels. A smaller copy is enough."))
            upright = _upright(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            plain = upright if form != "JPEG" else upright.convert("RGB")
            bare = Image.new(plain.mode, plain.size)
            if plain.mode == "P":
                bare.putpalette(plain.getpalette() or [])
            bare.paste(plain)
            out = BytesIO()
            bare.save(out, form)
            return out.getvalue()
    except (Refused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - anybody can send any bytes, and nothing is written here
        raise Refused("broken_picture", _("This picture is damaged and cannot be read.")) from None


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its metadata say; as it is when these are too damaged to be taken over."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001 - if the picture itself is damaged, the next step fails as well
        return picture.copy()


def _write(path: Path, content: bytes) -> None:
    """Whole and on disk, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)  # on a full disk half a file would only take what is left
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
