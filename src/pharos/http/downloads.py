"""Files that people sent us, as downloads."""

from django.conf import settings
from django.http import FileResponse

from pharos.models import Attachment


def download(attachment: Attachment) -> FileResponse:
    """A file as a download that no browser opens in our name."""
    opened = (settings.UPLOADS_DIR / attachment.path).open("rb")
    response = FileResponse(opened, as_attachment=True, filename=attachment.name, content_type=attachment.media_type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
