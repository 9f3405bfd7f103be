import pytest

from pharos.content import calendars as said
from pharos.content import dates as read
from pharos.http import calendars


@pytest.mark.parametrize("name", calendars.__all__)
def test_pages_say_and_read_times_as_mail_does(name):
    assert getattr(calendars, name) is getattr(said, name, None) or getattr(calendars, name) is getattr(read, name)
