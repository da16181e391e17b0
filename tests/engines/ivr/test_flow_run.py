"""Stories of callers in a flow: keys, silences, notices, and never a dead end."""

from datetime import datetime

import pytest
from flow_stage import SHOP, Caller, site_of

from appliance.engines.ivr.commands import (
    EndFlow,
    EnterQueue,
    GoToVoicemail,
    IvrCommand,
    PlayUtterances,
    RingExtension,
    StopPlaying,
)
from appliance.vocabulary.ids import ExtensionNumber, NodeName
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import PhraseKey, Utterance

MENU = SHOP["menu"]


def test_a_caller_in_office_hours_hears_notice_and_menu_and_comes_to_sales() -> None:
    caller = Caller(SHOP, "hours")
    caller.hears_out()
    assert caller.press("1")[-1] == EnterQueue(queue="sales")
    assert caller.path == [
        ("hours", "start"),
        ("notice", "open"),
        ("menu", "next"),
        ("sales", "1"),
    ]
    assert caller.keys == [("1", "sales")]
    assert caller.run.is_over
    assert caller.run.wake_at() is None


def test_a_caller_at_night_comes_to_the_voicemail_with_its_greeting() -> None:
    caller = Caller(SHOP, "hours", datetime(2026, 3, 2, 19, 10))
    greeting = Utterance(language=Language.ZH, text="现在是非工作时间。")
    assert caller.log[-1] == GoToVoicemail(box="sales", greeting=greeting)


def test_a_key_interrupts_the_menu_at_once() -> None:
    caller = Caller(SHOP, "menu")
    commands = caller.press("1")
    assert isinstance(commands[0], StopPlaying)
    assert isinstance(commands[-1], EnterQueue)


def test_the_end_of_a_stopped_play_that_comes_late_is_ignored() -> None:
    caller = Caller(SHOP, "menu")
    first = caller.run.state.plays
    caller.press("*")
    assert caller.run.play_ended(first, caller.now) == []
    assert len(caller.plays) == 2


def test_the_media_worker_may_tell_the_stop_before_the_key() -> None:
    caller = Caller(SHOP, "menu")
    assert caller.hears_out() == []
    assert isinstance(caller.press("1")[-1], EnterQueue)


def test_a_wrong_key_is_told_and_the_menu_comes_again() -> None:
    caller = Caller(SHOP, "menu")
    caller.press("7")
    assert caller.keys == [("7", "")]
    assert caller.heard[-1] == ["wrong_key", MENU["text"]]
    caller.press("8")
    assert caller.path[-1] == ("sales", "wrong_key")


def test_silence_counts_from_the_end_of_the_prompt_and_then_the_menu_comes_again() -> None:
    caller = Caller(SHOP, "menu")
    assert caller.waits(20) == [], "the prompt is still playing"
    caller.hears_out()
    assert caller.waits(4.9) == []
    assert caller.waits(0.1) == [caller.plays[-1]]
    assert caller.heard == [[MENU["text"]], [MENU["text"]]]
    caller.hears_out()
    caller.waits(5)
    assert caller.path[-1] == ("sales", "timeout")


def test_a_wrong_key_and_a_silence_count_together() -> None:
    caller = Caller(SHOP, "menu")
    caller.press("7")
    caller.hears_out()
    caller.waits(5)
    assert caller.path[-1] == ("sales", "timeout")


def test_repeating_the_menu_by_key_begins_the_tries_anew() -> None:
    caller = Caller(SHOP, "menu")
    caller.press("7*7*7*")
    assert caller.path == [("menu", "start"), ("menu", "*"), ("menu", "*"), ("menu", "*")]


def test_a_menu_without_otherwise_leads_to_the_flows_first_queue() -> None:
    menu = {key: value for key, value in MENU.items() if key != "otherwise"}
    caller = Caller({"menu": menu, "sales": SHOP["sales"]}, "menu")
    caller.press("78")
    assert caller.log[-1] == EnterQueue(queue="sales")


def test_a_menu_without_any_way_on_says_goodbye() -> None:
    menu = {"kind": "menu", "text": "请按1。", "keys": {"1": "menu"}}
    caller = Caller({"menu": menu}, "menu")
    caller.press("78")
    assert caller.heard[-1] == [PhraseKey.GOODBYE]
    assert caller.press("1") == []
    assert caller.hears_out() == [EndFlow(reason="default")]


def test_keys_pressed_in_the_notice_do_not_count_and_do_not_stop_it() -> None:
    caller = Caller(SHOP, "notice")
    assert caller.plays[0].is_notice
    assert not caller.plays[0].stop_on_digit
    assert caller.press("1") == []
    caller.hears_out()
    assert caller.path[-1] == ("menu", "next")


def test_keys_pressed_in_a_greeting_are_kept_for_the_menu() -> None:
    greeting = {"kind": "play", "text": "您好，欢迎致电。", "next": "menu"}
    caller = Caller({**SHOP, "greeting": greeting}, "greeting")
    assert caller.plays[0].stop_on_digit
    commands = caller.press("1")
    assert isinstance(commands[0], StopPlaying)
    assert commands[-1] == EnterQueue(queue="sales")
    assert caller.keys == [("1", "sales")]


def test_keys_may_be_typed_through_two_menus() -> None:
    top = {"kind": "menu", "text": "请按2。", "keys": {"2": "greeting"}}
    greeting = {"kind": "play", "text": "您好。", "next": "top"}
    below = {"kind": "play", "text": "请稍等。", "next": "menu"}
    nodes = {**SHOP, "first": {**greeting}, "top": top, "greeting": below}
    caller = Caller(nodes, "first")
    caller.run.state.typed_ahead = "2"
    caller.press("1")
    assert caller.keys == [("2", "greeting"), ("1", "sales")]
    assert len(caller.plays) == 1, "nothing but the first greeting was begun"


def test_a_notice_in_a_menu_is_told_as_one_and_still_gives_way_to_a_key() -> None:
    text = "本次通话将被录音。销售请按1。"
    caller = Caller({**SHOP, "menu": {**MENU, "text": text}}, "menu")
    assert (caller.plays[0].is_notice, caller.plays[0].stop_on_digit) == (True, True)


@pytest.mark.parametrize(
    ("text", "said", "is_notice"),
    [
        ("This call may be Recorded.", None, True),
        ("Rozmowa jest nagrywana.", None, True),
        ("Welcome.", None, False),
        ("Press 9 for recorded news.", False, False),
        ("Ceci est une annonce.", True, True),
    ],
)
def test_what_counts_as_a_notice(text: str, said: bool | None, is_notice: bool) -> None:
    node: dict[str, object] = {"kind": "play", "text": text, "next": "sales"}
    if said is not None:
        node["is_notice"] = said
    caller = Caller({"play": node, "sales": SHOP["sales"]}, "play")
    assert caller.plays[0].is_notice is is_notice


def test_nothing_that_can_be_played_does_not_stall_the_flow() -> None:
    caller = Caller(SHOP, "notice")
    caller.hears_out()
    caller.hears_out()
    caller.waits(5)
    caller.hears_out()
    caller.waits(5)
    assert caller.run.is_over


def test_a_play_whose_end_got_lost_is_given_up() -> None:
    caller = Caller(SHOP, "notice")
    commands = caller.waits(301)
    assert isinstance(commands[0], StopPlaying)
    assert caller.path[-1] == ("menu", "next")


def test_an_extension_that_is_not_answered_leads_on() -> None:
    ring = {"kind": "extension", "extension": "8001", "otherwise": "closed"}
    caller = Caller({"ring": ring, "closed": SHOP["closed"]}, "ring")
    assert caller.log[-1] == RingExtension(extension=ExtensionNumber("8001"), ring_for=25.0)
    assert isinstance(caller.is_missed()[-1], GoToVoicemail)


def test_an_extension_without_otherwise_is_told_to_be_out_of_reach_and_then_the_default() -> None:
    ring = {"kind": "extension", "extension": "8001"}
    caller = Caller({"ring": ring, "sales": SHOP["sales"]}, "ring")
    caller.is_missed()
    assert caller.heard == [[PhraseKey.NOT_REACHABLE]]
    assert caller.hears_out()[-1] == EnterQueue(queue="sales")
    caller = Caller({"ring": ring}, "ring")
    caller.is_missed()
    caller.hears_out()
    assert caller.heard[-1] == [PhraseKey.GOODBYE]
    assert caller.hears_out() == [EndFlow(reason="default")]


def test_hangup_says_goodbye_or_its_text() -> None:
    caller = Caller({"end": {"kind": "hangup"}}, "end")
    assert caller.heard == [[PhraseKey.GOODBYE]]
    assert caller.hears_out() == [EndFlow(reason="hangup")]
    caller = Caller({"end": {"kind": "hangup", "text": "Bye.", "language": "en"}}, "end")
    assert caller.plays[0].utterances == (Utterance(language=Language.EN, text="Bye."),)


@pytest.mark.parametrize(("hour", "reason"), [(10, "hangup"), (20, "closed")])
def test_a_call_that_ends_outside_the_hours_is_known_as_such(hour: int, reason: str) -> None:
    hours: dict[str, object] = {
        "kind": "hours",
        "calendar": "office",
        "open": "end",
        "closed": "end",
    }
    nodes: dict[str, dict[str, object]] = {"hours": hours, "end": {"kind": "hangup"}}
    caller = Caller(nodes, "hours", datetime(2026, 3, 2, hour))
    assert caller.hears_out() == [EndFlow(reason=reason)]


def test_a_voicemail_without_text_greets_in_the_boxs_words() -> None:
    caller = Caller({"box": {"kind": "voicemail", "box": "b"}}, "box")
    phrase = Utterance(language=Language.ZH, phrase=PhraseKey.LEAVE_MESSAGE)
    assert caller.log[-1] == GoToVoicemail(box="b", greeting=phrase)


def test_a_queue_with_a_text_says_it_first() -> None:
    caller = Caller({"sales": {**SHOP["sales"], "text": "正在为您转接。"}}, "sales")
    assert caller.heard == [["正在为您转接。"]]
    assert caller.hears_out() == [EnterQueue(queue="sales")]


def test_a_silent_caller_sent_round_through_menus_comes_to_a_queue_in_the_end() -> None:
    menu = {"kind": "menu", "text": "请按1。", "keys": {"1": "sales"}, "otherwise": "menu"}
    caller = Caller({"menu": menu, "sales": SHOP["sales"]}, "menu")
    for _ in range(200):
        if caller.run.is_over:
            break
        caller.hears_out()
        caller.waits(5)
    assert caller.log[-1] == EnterQueue(queue="sales")


def test_a_flow_without_nodes_says_goodbye_rather_than_nothing() -> None:
    caller = Caller({}, "nowhere")
    assert caller.heard == [[PhraseKey.GOODBYE]]
    assert caller.hears_out() == [EndFlow(reason="default")]


def test_a_killed_call_control_goes_on_in_the_middle_of_a_menu() -> None:
    caller = Caller(SHOP, "hours")
    caller.hears_out()
    caller.press("7")
    caller.resume()
    caller.hears_out()
    due = caller.run.wake_at()
    caller.resume()
    assert caller.run.wake_at() == due
    caller.waits(5)
    assert caller.log[-1] == EnterQueue(queue="sales")


def test_a_caller_whose_node_is_gone_after_a_restart_comes_to_the_queue() -> None:
    caller = Caller(SHOP, "menu")
    caller.resume(site_of({"sales": SHOP["sales"]}, "sales"))
    assert caller.press("1")[-1] == EnterQueue(queue="sales")
    caller = Caller(SHOP, "menu")
    caller.resume(Site())
    caller.hears_out()
    assert caller.hears_out() == [EndFlow(reason="default")]


def test_a_changed_site_does_not_touch_a_running_call() -> None:
    caller = Caller(SHOP, "menu")
    caller.site = Site()
    assert isinstance(caller.press("1")[-1], EnterQueue)


def test_every_play_names_the_node_it_is_for() -> None:
    caller = Caller(SHOP, "hours")
    caller.hears_out()
    assert [play.node for play in caller.plays] == [NodeName("notice"), NodeName("menu")]
    assert [play.play for play in caller.plays] == [1, 2]


def test_after_the_end_nothing_happens_any_more() -> None:
    caller = Caller({"sales": SHOP["sales"]}, "sales")
    nothing: list[IvrCommand] = []
    assert caller.press("1") == nothing
    assert caller.run.play_ended(1, caller.now) == nothing
    assert caller.run.extension_missed(caller.now) == nothing
    assert caller.run.wake(caller.now) == nothing
    assert not any(isinstance(command, PlayUtterances) for command in caller.log)


def test_the_first_queue_is_the_one_that_a_caller_comes_to_first_whatever_the_alphabet_says() -> (
    None
):
    nodes: dict[str, dict[str, object]] = {
        "a": {"kind": "queue", "queue": "sales", "text": "A"},
        "menu": {"kind": "menu", "text": "1", "keys": {"1": "z", "2": "other"}, "attempts": 1},
        "other": {"kind": "menu", "text": "2", "keys": {"1": "a"}},
        "z": {"kind": "queue", "queue": "sales"},
    }
    caller = Caller(nodes, "menu")
    caller.press("7")
    assert caller.path[-1] == ("z", "wrong_key")
