"""A file as a download: whole, or not found."""

import pytest
from django.http import Http404

from pharos.actions import uploads
from pharos.http.downloads import download
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db


def test_file_that_is_gone_is_not_found_and_the_log_says_so(settings, tmp_path, caplog):
    settings.UPLOADS_DIR = tmp_path
    kept = uploads.keep(organisation=make_organisation(), name="a.txt", content=b"hello", now=NOW)
    answer = download(kept)
    assert b"".join(answer) == b"hello"
    answer.close()
    (tmp_path / kept.path).unlink()
    with pytest.raises(Http404):
        download(kept)
    assert f"the file of attachment {kept.pk} is gone" in caplog.text
