"""Keys of a talk on their way to a far end that knows them by signalling alone."""

from msgspec.structs import replace
from shop_steps import hold, nothing_is_left, talking

from appliance.vocabulary.commands import SendDigit, SoundDigit
from appliance.vocabulary.events import DigitForm, DigitsUnsent, LegAudioMoved


def by_signalling(shop, leg, is_so=True):
    """The far end shows that it wants its keys so, as its line finds out."""
    far = replace(shop.audio[leg].far, takes_keys_by_signalling=is_so)
    shop.tell(LegAudioMoved(leg=leg, audio=far))


def test_every_form_of_key_is_told_once_and_in_order(shop):
    caller, agent = talking(shop)
    by_signalling(shop, caller)
    for digit, form in (("1", DigitForm.RFC4733), ("2", DigitForm.INBAND), ("3", DigitForm.INFO)):
        shop.press(agent, digit, form)
        shop.advance(0.2)
    assert shop.keys_told == [(SendDigit, caller, digit) for digit in "123"]
    assert shop.audio[caller].far.takes_keys_by_signalling
    nothing_is_left(shop)


def test_a_press_that_came_in_two_forms_is_told_once(shop):
    caller, agent = talking(shop)
    by_signalling(shop, caller)
    shop.press(agent, "5", DigitForm.RFC4733)
    shop.advance(0.3)
    shop.press(agent, "5", DigitForm.INFO)
    assert shop.keys_told == [(SendDigit, caller, "5")]


def test_who_speaks_events_or_tones_is_told_nothing(shop):
    caller, agent = talking(shop)
    shop.press(agent, "1")
    shop.press(caller, "2")
    assert not shop.keys_told


def test_both_sides_may_want_theirs_so_and_nobody_gets_his_own(shop):
    caller, agent = talking(shop)
    by_signalling(shop, caller)
    by_signalling(shop, agent)
    shop.press(agent, "1", DigitForm.INFO)
    shop.press(caller, "2", DigitForm.INFO)
    assert shop.keys_told == [(SendDigit, caller, "1"), (SendDigit, agent, "2")]


def test_who_holds_or_hears_music_is_told_no_keys(shop):
    caller, agent = talking(shop)
    by_signalling(shop, caller)
    hold(shop, agent)
    shop.press(agent, "4")
    hold(shop, agent, is_held=False)
    shop.press(agent, "5")
    hold(shop, caller)
    shop.press(agent, "6")
    assert [digit for _, _, digit in shop.keys_told] == ["5"]


def test_keys_that_were_refused_become_tones_and_the_next_ones_too(shop):
    caller, agent = talking(shop)
    by_signalling(shop, caller)
    shop.press(agent, "1")
    by_signalling(shop, caller, is_so=False)
    shop.tell(DigitsUnsent(leg=caller, digits="1"))
    shop.press(agent, "2")
    assert shop.keys_told == [(SendDigit, caller, "1"), (SoundDigit, caller, "1")]
    shop.tell(DigitsUnsent(leg="gone", digits="9"))
    assert len(shop.keys_told) == 2


def test_the_rule_outlives_a_kill(shop):
    caller, agent = talking(shop)
    by_signalling(shop, caller)
    shop.killed()
    shop.press(agent, "8")
    assert shop.keys_told == [(SendDigit, caller, "8")]
    nothing_is_left(shop)
