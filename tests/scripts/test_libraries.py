from scripts import libraries


def texts(language):
    return {found.text for _name, found in libraries.untranslated(language)}


def test_language_that_the_libraries_speak_needs_little():
    assert len(texts("zh_Hans")) < 5


def test_language_that_a_library_lacks_needs_its_messages():
    assert "Incorrect password." in texts("hy")
    assert "This field is required." not in texts("hy")
