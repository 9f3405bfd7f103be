"""The keys of the register: nothing starts without them, and they can be changed while everything runs."""

from datetime import datetime

import pytest
from cryptography.fernet import InvalidToken
from django.conf import settings

from pharos import environment
from pharos.actions import keys, needs
from pharos.models import Channel, EntryPoint, NeedsKey, SupportNeed
from pharos.models.sealing import seal, unseal
from tests.factories import make_contact, make_entry, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """Keys of this test's own, in a file of its own."""
    own = settings.ENVIRONMENT.model_copy(update={"data_dir": tmp_path, "needs_keys": []})
    monkeypatch.setattr(settings, "ENVIRONMENT", own)
    return own


@pytest.fixture
def need(given, now: datetime) -> SupportNeed:
    keys.check(now=now)
    make_contact(make_organisation(), now=now, needs=("hearing",))
    return SupportNeed.objects.get()


def test_a_sealed_text_opens_with_its_key_only(given):
    sealed = seal({"code": "hearing", "words": "شنیدن"})
    assert unseal(sealed) == {"code": "hearing", "words": "شنیدن"}
    assert len(seal({"code": "sight"})) == len(seal({"code": "medical_equipment"}))
    environment.keep_needs_keys(given, [environment.new_key()])
    with pytest.raises(InvalidToken):
        unseal(sealed)


def test_start_is_refused_while_the_key_of_a_row_is_missing(given, need, now):
    kept = environment.needs_keys(given)
    environment.keep_needs_keys(given, [environment.new_key()])
    with pytest.raises(keys.KeyMissing, match="put it back"):
        keys.check(now=now)
    environment.keep_needs_keys(given, kept)
    keys.check(now=now)
    assert SupportNeed.objects.get().code == "hearing"


def test_a_lost_key_that_nothing_waits_for_stops_nobody(given, need, now):
    needs.end([need.pk], SupportNeed.End.WITHDRAWN, now=now)
    environment.keep_needs_keys(given, [environment.new_key()])
    keys.check(now=now)
    assert NeedsKey.objects.count() == 1


def test_rotation_seals_every_row_anew_and_the_old_key_is_not_needed(given, need, now):
    old = environment.needs_keys(given)
    new = environment.new_key()
    environment.keep_needs_keys(given, [new, *old])
    assert keys.seal_anew(now=now) == 1
    environment.keep_needs_keys(given, [new])
    keys.check(now=now)
    assert SupportNeed.objects.get().code == "hearing"
    environment.keep_needs_keys(given, old)
    with pytest.raises(keys.KeyMissing):
        keys.check(now=now)


def test_rotation_leaves_what_was_taken_back_meanwhile(given, need, now):
    needs.end([need.pk], SupportNeed.End.WITHDRAWN, now=now)
    assert keys.seal_anew(now=now) == 0
    assert SupportNeed.objects.get().what == {}


def test_passwords_of_mailboxes_are_sealed_with_the_same_keys(given, now):
    keys.check(now=now)
    make_entry(make_organisation(), Channel.EMAIL, "help@example.org", secret={"password": "grain"})
    old, new = environment.needs_keys(given), environment.new_key()
    environment.keep_needs_keys(given, [new])
    with pytest.raises(keys.KeyMissing, match="put it back"):
        keys.check(now=now)
    environment.keep_needs_keys(given, [new, *old])
    assert keys.seal_anew(now=now) == 1
    environment.keep_needs_keys(given, [new])
    keys.check(now=now)
    assert EntryPoint.objects.get().secret == {"password": "grain"}
