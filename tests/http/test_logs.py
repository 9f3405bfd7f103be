"""Log lines carry no words of a person and no key."""

import logging

import pytest

from pharos.http.logs import Lines, describe


@pytest.fixture
def lines(caplog):
    caplog.handler.setFormatter(Lines("%(levelname)s %(message)s"))
    return caplog


def test_line_of_an_exception_shows_place_and_kind_and_not_what_it_says(lines):
    try:
        try:
            raise KeyError("a secret matter")
        except KeyError as error:
            raise ValueError("of ani@example.org") from error
    except ValueError:
        logging.getLogger("pharos.test").exception("failed")
    assert "secret" not in lines.text
    assert "ani@" not in lines.text
    assert "test_logs.py" in lines.text
    assert lines.text.index("KeyError") < lines.text.index("which led to") < lines.text.index("ValueError")


def test_line_of_several_exceptions_names_each(lines):
    group = ExceptionGroup("both", [KeyError("secret"), OSError("secret")])
    logging.getLogger("pharos.test").error("failed", exc_info=group)
    assert "KeyError\nOSError" in lines.text
    assert "secret" not in lines.text


def test_line_about_our_own_source_says_all(lines):
    logging.getLogger("pharos.test").error("failed", exc_info=NameError("name 'x' is not defined"))
    assert "NameError: name 'x' is not defined" in lines.text


def test_line_with_an_address_leaves_its_key_out(lines):
    logging.getLogger("pharos.test").warning("Not Found: %s", "/fa/r/Zk3_x-90aB1cD2eF3gH4iJ5k/files/2/")
    assert lines.text == "WARNING Not Found: /fa/r/…/files/2/\n"


def test_describe_says_kind_and_place_in_our_source():
    from pharos.channels import DeliveryError
    from pharos.channels.email.compose import address

    with pytest.raises(DeliveryError) as raised:
        address("nobody")
    assert describe(raised.value).startswith("DeliveryError at channels/email/compose.py:")
    assert describe(ValueError("secret")) == "ValueError"
