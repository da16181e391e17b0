"""What the box itself said, in a timeline's words."""

PHRASES: dict[str, tuple[str, str, str]] = {
    "greeting": (
        "heard the greeting of an empty box",
        "播放欢迎语（未配置）",
        "usłyszał powitanie pustej centrali",
    ),
    "position": (
        "heard the position: {value}",
        "播报排队位置：第 {value} 位",
        "usłyszał miejsce: {value}",
    ),
    "expected_wait": (
        "heard the expected wait: {value} min",
        "播报预计等待：{value} 分钟",
        "usłyszał przewidywany czas oczekiwania: {value} min",
    ),
    "waited": (
        "the agent heard how long the caller had waited: {value} min",
        "坐席听到客户已等待：{value} 分钟",
        "konsultant usłyszał, jak długo klient czekał: {value} min",
    ),
    "all_busy": (
        "heard that all agents are busy",
        "播放：坐席全忙",
        "usłyszał, że wszyscy są zajęci",
    ),
    "overflow_goodbye": (
        "heard that nobody is free, and good-bye",
        "播放：暂无坐席，再见",
        "usłyszał, że nikt nie jest wolny, i pożegnanie",
    ),
    "wrong_key": (
        "heard that the key is not a choice",
        "播放：按键无效",
        "usłyszał, że nie ma takiej opcji",
    ),
    "recording_notice": (
        "heard the recording notice",
        "播放录音告知",
        "usłyszał informację o nagrywaniu",
    ),
    "leave_message": (
        "heard: please leave a message",
        "播放：请留言",
        "usłyszał: proszę zostawić wiadomość",
    ),
    "message_saved": (
        "heard that the message is saved",
        "播放：留言已保存",
        "usłyszał, że wiadomość zapisano",
    ),
    "number_unknown": (
        "heard that the number is unknown",
        "播放：号码不存在",
        "usłyszał, że numer jest nieznany",
    ),
    "not_allowed": (
        "heard that this is not allowed",
        "播放：无权限",
        "usłyszał, że to niedozwolone",
    ),
    "not_reachable": (
        "heard that nobody can be reached",
        "播放：无法接通",
        "usłyszał, że nikt nie odbiera",
    ),
    "closed": (
        "heard that the office is closed",
        "播放：非工作时间",
        "usłyszał, że biuro jest zamknięte",
    ),
    "signed_in": (
        "heard: signed in, {value}",
        "播放：{value} 签入成功",
        "usłyszał: zalogowano, {value}",
    ),
    "signed_out": ("heard: signed out", "播放：已签出", "usłyszał: wylogowano"),
    "ready": ("heard: ready", "播放：示闲", "usłyszał: gotowy"),
    "not_ready": (
        "heard: not ready, reason {value}",
        "播放：示忙，原因 {value}",
        "usłyszał: niegotowy, powód {value}",
    ),
    "wrap_up_ended": (
        "heard: wrap-up ended",
        "播放：话后整理结束",
        "usłyszał: koniec pracy po rozmowie",
    ),
    "not_in_wrap_up": (
        "heard: not in wrap-up",
        "播放：当前不在话后整理",
        "usłyszał: nie trwa praca po rozmowie",
    ),
    "not_signed_in": (
        "heard: nobody is signed in at this phone",
        "播放：本话机无人签入",
        "usłyszał: nikt nie jest tu zalogowany",
    ),
    "wrong_pin": (
        "heard: wrong number or PIN",
        "播放：工号或密码错误",
        "usłyszał: zły numer lub PIN",
    ),
    "pin_locked": (
        "heard: too many wrong PINs",
        "播放：密码错误次数过多",
        "usłyszał: za dużo złych kodów PIN",
    ),
    "code_unknown": ("heard: unknown code", "播放：功能码不存在", "usłyszał: nieznany kod"),
    "enter_agent_and_pin": (
        "heard: key in number and PIN",
        "播放：请输入工号和密码",
        "usłyszał: podaj numer i PIN",
    ),
    "enter_agent_pin": ("heard: key in the PIN", "播放：请输入密码", "usłyszał: podaj PIN"),
    "self_test": ("heard the self-test's question", "播放：自检提示", "usłyszał pytanie autotestu"),
    "self_test_passed": ("heard: self-test passed", "播放：自检通过", "usłyszał: autotest udany"),
    "goodbye": ("heard good-bye", "播放：再见", "usłyszał pożegnanie"),
    "forwarding_on": (
        "heard: calls are forwarded",
        "播放：呼叫转移已开启",
        "usłyszał: połączenia są przekazywane",
    ),
    "forwarding_off": (
        "heard: calls are no longer forwarded",
        "播放：呼叫转移已取消",
        "usłyszał: połączenia nie są już przekazywane",
    ),
    "do_not_disturb_on": (
        "heard: do not disturb is on",
        "播放：免打扰已开启",
        "usłyszał: nie przeszkadzać włączone",
    ),
    "do_not_disturb_off": (
        "heard: do not disturb is off",
        "播放：免打扰已关闭",
        "usłyszał: nie przeszkadzać wyłączone",
    ),
    "call_waiting_on": (
        "heard: call waiting is on",
        "播放：呼叫等待已开启",
        "usłyszał: połączenia oczekujące włączone",
    ),
    "call_waiting_off": (
        "heard: call waiting is off",
        "播放：呼叫等待已关闭",
        "usłyszał: połączenia oczekujące wyłączone",
    ),
    "nothing_to_pick_up": (
        "heard: no call to pick up",
        "播放：没有可代接的来电",
        "usłyszał: nie ma czego przejąć",
    ),
    "redial_set": (
        "heard: will be rung when the phone is free",
        "播放：对方空闲后回拨",
        "usłyszał: oddzwonimy, gdy telefon będzie wolny",
    ),
    "redial_none": (
        "heard: no busy phone to wait for",
        "播放：没有需要等待的分机",
        "usłyszał: nie ma na kogo czekać",
    ),
    "call_parked": (
        "heard: the call is parked {value}",
        "播放：来电已驻留 {value}",
        "usłyszał: połączenie zaparkowane {value}",
    ),
    "not_recorded": (
        "heard that the call is not recorded",
        "播放：本次通话不录音",
        "usłyszał, że rozmowa nie jest nagrywana",
    ),
    "emergency_mode_on": (
        "heard: emergency mode is on",
        "播放：应急模式已开启",
        "usłyszał: tryb awaryjny włączony",
    ),
    "emergency_mode_off": (
        "heard: emergency mode is off",
        "播放：应急模式已关闭",
        "usłyszał: tryb awaryjny wyłączony",
    ),
    "mailbox_pin": (
        "was asked for the PIN of the box",
        "请输入信箱密码",
        "proszony o PIN skrzynki",
    ),
    "mailbox_wrong_pin": (
        "heard that the PIN of the box is wrong",
        "播放：信箱密码错误",
        "usłyszał, że PIN skrzynki jest zły",
    ),
    "mailbox_number": (
        "was asked for the number of the box",
        "请输入信箱号码",
        "proszony o numer skrzynki",
    ),
    "mailbox_closed": (
        "heard that this box does not open by phone",
        "播放：此信箱不能用话机收听",
        "usłyszał, że tej skrzynki nie otwiera się telefonem",
    ),
    "mailbox_empty": (
        "heard that there are no messages",
        "播放：没有留言",
        "usłyszał, że nie ma wiadomości",
    ),
    "mailbox_new": (
        "heard how many messages are new",
        "播报新留言数",
        "usłyszał liczbę nowych wiadomości",
    ),
    "mailbox_old": (
        "heard how many messages are old",
        "播报已听留言数",
        "usłyszał liczbę odsłuchanych wiadomości",
    ),
    "mailbox_message_new": (
        "heard: new message",
        "播报：新留言",
        "usłyszał: nowa wiadomość",
    ),
    "mailbox_message_old": (
        "heard: message already heard",
        "播报：已听留言",
        "usłyszał: wiadomość odsłuchana",
    ),
    "mailbox_caller": (
        "heard the caller's number",
        "播报来电号码",
        "usłyszał numer dzwoniącego",
    ),
    "mailbox_withheld": (
        "heard that the number is withheld",
        "播报：来电未显号",
        "usłyszał, że numer jest ukryty",
    ),
    "mailbox_received": (
        "heard when the message was left",
        "播报留言时间",
        "usłyszał, kiedy zostawiono wiadomość",
    ),
    "mailbox_keys": (
        "heard what the keys do",
        "播报按键说明",
        "usłyszał, co robią klawisze",
    ),
    "mailbox_kept": (
        "heard that the message is kept",
        "播报：留言已保留",
        "usłyszał, że wiadomość zachowano",
    ),
    "mailbox_deleted": (
        "heard that the message is deleted",
        "播报：留言已删除",
        "usłyszał, że wiadomość usunięto",
    ),
    "mailbox_last": (
        "heard that there are no more messages",
        "播报：没有更多留言",
        "usłyszał, że nie ma więcej wiadomości",
    ),
    "mailbox_menu": (
        "heard the menu of the box",
        "播报信箱菜单",
        "usłyszał menu skrzynki",
    ),
    "mailbox_enter_pin": (
        "was asked for a new PIN",
        "请输入新密码",
        "proszony o nowy PIN",
    ),
    "mailbox_repeat_pin": (
        "was asked for the new PIN once more",
        "请再次输入新密码",
        "proszony o nowy PIN jeszcze raz",
    ),
    "mailbox_pin_changed": (
        "heard that the PIN is changed",
        "播报：密码已修改",
        "usłyszał, że PIN zmieniono",
    ),
    "mailbox_pin_not_changed": (
        "heard that the PIN was not changed",
        "播报：密码没有修改",
        "usłyszał, że PIN nie zmieniono",
    ),
    "mailbox_calling": (
        "heard that the phone will call back",
        "播报：话机将回拨",
        "usłyszał, że telefon oddzwoni",
    ),
    "callback_offer": (
        "heard that he may be called back: key {value}",
        "播报可选择回电：按 {value}",
        "usłyszał, że możemy oddzwonić: klawisz {value}",
    ),
    "callback_number": (
        "heard at which number he will be called back",
        "播报回电号码",
        "usłyszał numer do oddzwonienia",
    ),
    "callback_confirm": (
        "was asked whether the number is right",
        "请确认回电号码",
        "zapytany, czy numer jest właściwy",
    ),
    "callback_key_in": (
        "was asked for a number to be called back at",
        "请输入回电号码",
        "poproszony o numer do oddzwonienia",
    ),
    "callback_refused": (
        "heard that this number cannot be called back",
        "播放：该号码无法回拨",
        "usłyszał, że pod ten numer nie oddzwonimy",
    ),
    "callback_saved": (
        "heard that he will be called back, and good-bye",
        "播放：已登记回电，再见",
        "usłyszał, że oddzwonimy, i pożegnanie",
    ),
    "callback_whisper": (
        "the agent heard whom he calls back",
        "坐席听到回呼对象",
        "konsultant usłyszał, do kogo oddzwania",
    ),
    "callback_missed": (
        "the agent heard that the customer did not answer",
        "坐席听到：客户未接听",
        "konsultant usłyszał, że klient nie odebrał",
    ),
    "survey_ask": (
        "heard the question how it was",
        "播放满意度评价",
        "usłyszał pytanie o ocenę",
    ),
    "survey_thanks": (
        "heard the thanks for it",
        "播放：感谢评价",
        "usłyszał podziękowanie za ocenę",
    ),
    "survey_reason": (
        "was asked to say why",
        "请说明原因",
        "poproszony o podanie powodu",
    ),
    "prompt_number": (
        "was asked for a recording’s number and the PIN",
        "播报：请输入录音编号和密码",
        "poproszony o numer nagrania i PIN",
    ),
    "prompt_speak": (
        "was asked to speak the recording",
        "播报：请录音",
        "poproszony o nagranie",
    ),
    "prompt_keys": (
        "heard how to keep the recording",
        "播报：保存录音的按键",
        "usłyszał, jak zachować nagranie",
    ),
    "prompt_kept": (
        "heard that the recording is kept",
        "播报：录音已保存",
        "usłyszał, że nagranie zachowano",
    ),
    "prompt_not_kept": (
        "heard that the recording could not be kept",
        "播报：录音未能保存",
        "usłyszał, że nagrania nie zachowano",
    ),
    "missed_calls": (
        "heard that he is not ready after missed calls",
        "播报：多次未接，已示忙",
        "usłyszał, że po nieodebranych jest niegotowy",
    ),
}
"""Phrase key to (English, Chinese, Polish)."""

HEARD_PHRASES: dict[str, str] = {key: english for key, (english, _, _) in PHRASES.items()}
PHRASE_WORDS: dict[str, tuple[str, str]] = {
    english: (chinese, polish) for english, chinese, polish in PHRASES.values()
}
