"""Who has been silent, as one hears it oneself."""

from common.bus.silence import Silence


def test_it_lasts_from_the_first_hearing_of_the_last_word() -> None:
    """Whatever the words are, times of a wrong clock among them: only that they change counts."""
    silence = Silence[str]()
    silence.heard({"a": -300.0, "b": 9e9}, 10.0)
    assert (silence.lasts("a", 10.0), silence.lasts("b", 14.0)) == (0.0, 4.0)
    silence.heard({"a": -300.0, "b": 9e9 - 600}, 20.0)
    assert (silence.lasts("a", 20.0), silence.lasts("b", 20.0)) == (10.0, 0.0)


def test_it_begins_again_after_an_absence() -> None:
    """Of the one who spoke, and of all where we could not listen."""
    silence = Silence[str]()
    silence.heard({"a": 1}, 0.0)
    silence.heard({}, 10.0)
    silence.heard({"a": 1}, 20.0)
    assert silence.lasts("a", 21.0) == 1.0
    silence.listen_anew()
    silence.heard({"a": 1}, 30.0)
    assert silence.lasts("a", 30.0) == 0.0
