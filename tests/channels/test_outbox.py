"""Kept mail is whole, is found by its organisation alone, and is not doubled."""

from datetime import timedelta

import pytest

from pharos.channels import DeliveryError, Sender
from pharos.channels.email import outbox
from pharos.channels.email.compose import compose
from tests.channels.conftest import outbound
from tests.factories import NOW

OTHER = Sender("other", "help@other.example.org", "Other", is_demo=False)


def keep(folder, **fields):
    one = outbound(**fields)
    return outbox.keep(one, compose(one, secret="s"), folder=folder)


def test_keep_writes_one_readable_file(tmp_path):
    path = keep(tmp_path / "new")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.name == "20260310T120000000000.storm-lines.m1.eml"
    assert b"We have it." in path.read_bytes()


def test_keep_again_replaces_the_file(tmp_path):
    assert keep(tmp_path) == keep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_keep_in_a_folder_that_cannot_be_written_can_be_tried_again(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryError) as refused:
        keep(tmp_path / "file")
    assert not refused.value.permanent
    assert refused.value.down


def test_newest_lists_the_mail_of_one_organisation_newest_first(tmp_path):
    keep(tmp_path, key="m1")
    keep(tmp_path, key="s2", written_at=NOW + timedelta(seconds=1))
    keep(tmp_path, key="m3", written_at=NOW + timedelta(seconds=2))
    keep(tmp_path, key="m4", sender=OTHER)
    (tmp_path / "else.eml").write_text("not ours")
    kept = outbox.newest(house="storm-lines", folder=tmp_path, limit=2)
    assert [(one.key, one.at) for one in kept] == [
        ("m3", NOW + timedelta(seconds=2)),
        ("s2", NOW + timedelta(seconds=1)),
    ]
    assert outbox.newest(house="storm-lines", folder=tmp_path / "none", limit=2) == []


def test_read_gives_the_mail_to_its_organisation_only(tmp_path):
    path = keep(tmp_path)
    assert outbox.read(path.name, house="storm-lines", folder=tmp_path) == path.read_bytes()
    assert outbox.read(path.name, house="other", folder=tmp_path) is None
    assert outbox.read("20260310T120000000000.storm-lines.m9.eml", house="storm-lines", folder=tmp_path) is None
    assert outbox.read("../" + path.name, house="storm-lines", folder=tmp_path / "x") is None
