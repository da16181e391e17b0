"""The sentences of hold, transfer, conference, supervision, recording control and quality:
English to (Chinese, Polish)."""

HANDLING_WORDS: dict[str, tuple[str, str]] = {
    "on hold by our side": ("我方保持通话", "zawieszono po naszej stronie"),
    "on hold by the caller": ("来电方保持通话", "zawieszono po stronie dzwoniącego"),
    "put on hold by {who}": ("{who} 保持通话", "{who}: zawieszono rozmowę"),
    "taken off hold by {who}": ("{who} 恢复通话", "{who}: wznowiono rozmowę"),
    "{who} transfers the call of {phone} to {target}": (
        "{who} 将 {phone} 的通话转接到 {target}",
        "{who} przekazuje rozmowę {phone} do {target}",
    ),
    "{who} had {phone} ask {target}, the other waits with music": (
        "{who} 让 {phone} 咨询 {target}，对方听音乐等待",
        "{who}: {phone} pyta {target}, druga strona słucha muzyki",
    ),
    "{phone} wanted to ask {target}: {cause}": (
        "{phone} 想咨询 {target}：{cause}",
        "{phone} chciał zapytać {target}: {cause}",
    ),
    "{phone} wanted to transfer to {target}: {cause}": (
        "{phone} 转接到 {target} 未成功：{cause}",
        "{phone} chciał przekazać do {target}: {cause}",
    ),
    "{who} paused the recording: silence in the file": (
        "{who} 暂停录音：文件中为静音",
        "{who}: nagrywanie wstrzymane, cisza w pliku",
    ),
    "{who} let the recording go on after {duration}": (
        "{who} 在暂停 {duration} 后恢复录音",
        "{who}: nagrywanie wznowione po {duration}",
    ),
    "emergency mode on, at {phone}: every number leads to {target}": (
        "{phone} 开启应急模式：所有号码转到 {target}",
        "tryb awaryjny włączony przy {phone}: każdy numer prowadzi do {target}",
    ),
    "emergency mode on, by {by} on the page: every number leads to {target}": (
        "{by} 在网页上开启应急模式：所有号码转到 {target}",
        "tryb awaryjny włączony na stronie, {by}: każdy numer prowadzi do {target}",
    ),
    "{phone} is rung to tell of missed calls: not ready": (
        "呼叫话机 {phone}，告知多次未接、已示忙",
        "dzwoni {phone}, by powiedzieć o nieodebranych: niegotowy",
    ),
    "prompt {name} recorded at {phone}": (
        "提示音“{name}”已在话机 {phone} 录制",
        "komunikat {name} nagrany przy telefonie {phone}",
    ),
    "emergency mode off, at {phone}, after {duration}": (
        "{phone} 关闭应急模式，历时 {duration}",
        "tryb awaryjny wyłączony przy {phone} po {duration}",
    ),
    "emergency mode off, by {by} on the page, after {duration}": (
        "{by} 在网页上关闭应急模式，历时 {duration}",
        "tryb awaryjny wyłączony na stronie, {by}, po {duration}",
    ),
    "off hold": ("恢复通话", "wznowiono rozmowę"),
    "{phone} transfers to {target} (blind)": (
        "{phone} 转接到 {target}（直接转接）",
        "{phone} przekazuje do {target} (bez zapowiedzi)",
    ),
    "{phone} transferred to {target} (attended)": (
        "{phone} 已转接到 {target}（询问转接）",
        "{phone} przekazał do {target} (po rozmowie)",
    ),
    "{phone} transfers to {target} (still ringing)": (
        "{phone} 转接到 {target}（仍在振铃）",
        "{phone} przekazuje do {target} (jeszcze dzwoni)",
    ),
    "{target} has the call": ("{target} 已接到通话", "{target} ma połączenie"),
    "{target} did not take it ({cause}), back to who transferred": (
        "{target} 未接（{cause}），退回转接方",
        "{target} nie przyjął ({cause}), wraca do przekazującego",
    ),
    "{target} did not take it ({cause})": (
        "{target} 未接（{cause}）",
        "{target} nie przyjął ({cause})",
    ),
    "{phone} asks {target}, the other waits with music": (
        "{phone} 咨询 {target}，对方听等待音乐",
        "{phone} pyta {target}, druga strona słucha muzyki",
    ),
    "spoke {duration} with {target} meanwhile": (
        "其间与 {target} 通话 {duration}",
        "w tym czasie {duration} rozmowy z {target}",
    ),
    "conference of {parties}": ("会议：{parties}", "konferencja: {parties}"),
    "conference over after {duration}": (
        "会议结束，历时 {duration}",
        "koniec konferencji po {duration}",
    ),
    "{phone} left the conference": ("{phone} 退出会议", "{phone} opuścił konferencję"),
    "{phone} joined": ("{phone} 加入通话", "{phone} dołączył"),
    "goes on in call {call}": ("并入通话 {call}", "dalej w połączeniu {call}"),
    "{phone} parked it at {slot}": (
        "{phone} 将通话驻留在 {slot}",
        "{phone} zaparkował na {slot}",
    ),
    "parked at {slot}": ("驻留在 {slot}", "zaparkowano na {slot}"),
    "{phone} fetched it from {slot} after {duration}": (
        "{phone} 从 {slot} 取回，驻留 {duration}",
        "{phone} odebrał z {slot} po {duration}",
    ),
    "nobody fetched it from {slot} in {duration}": (
        "{duration} 内无人从 {slot} 取回",
        "nikt nie odebrał z {slot} przez {duration}",
    ),
    "{phone} picked up what rang at {ringing}": (
        "{phone} 代接 {ringing} 的来电",
        "{phone} odebrał to, co dzwoniło u {ringing}",
    ),
    "{phone} forwards all calls: on to {target}": (
        "{phone} 无条件转移到 {target}",
        "{phone} przekierowuje wszystko: dalej do {target}",
    ),
    "{phone} is busy: on to {target}": (
        "{phone} 忙，转移到 {target}",
        "{phone} zajęty: dalej do {target}",
    ),
    "{phone} did not answer: on to {target}": (
        "{phone} 未接，转移到 {target}",
        "{phone} nie odebrał: dalej do {target}",
    ),
    "{phone} cannot be reached: on to {target}": (
        "{phone} 无法接通，转移到 {target}",
        "{phone} nieosiągalny: dalej do {target}",
    ),
    "{phone} wants no calls: on to {target}": (
        "{phone} 免打扰，转移到 {target}",
        "{phone} nie chce rozmów: dalej do {target}",
    ),
    "supervisor {who} listens to {phone}": (
        "班长 {who} 监听 {phone}",
        "nadzorca {who} słucha {phone}",
    ),
    "supervisor {who} whispers to {phone}": (
        "班长 {who} 密语辅导 {phone}",
        "nadzorca {who} podpowiada {phone}",
    ),
    "supervisor {who} talks with all": (
        "班长 {who} 强插",
        "nadzorca {who} mówi do wszystkich",
    ),
    "supervisor {who} takes over from {phone}": (
        "班长 {who} 拦截 {phone} 的通话",
        "nadzorca {who} przejmuje od {phone}",
    ),
    "supervisor {who} left after {duration}": (
        "班长 {who} 退出，历时 {duration}",
        "nadzorca {who} wyszedł po {duration}",
    ),
    "{who} ended the call for all": (
        "{who} 强拆了通话",
        "{who} zakończył połączenie dla wszystkich",
    ),
    "recording paused: silence in the file": (
        "录音暂停：文件中为静音",
        "nagrywanie wstrzymane: cisza w pliku",
    ),
    "recording goes on after {duration}": (
        "暂停 {duration} 后继续录音",
        "nagrywanie wznowione po {duration}",
    ),
    "the caller may be recorded": ("来电者同意录音", "dzwoniący zgadza się na nagranie"),
    "the caller wants no recording": (
        "来电者拒绝录音",
        "dzwoniący nie chce nagrania",
    ),
    "telephone quality {mos} of 4.5 ({codec}), {lost} % lost, jitter {jitter} ms": (
        "通话质量 {mos}/4.5（{codec}），丢包 {lost} %，抖动 {jitter} 毫秒",
        "jakość {mos} z 4,5 ({codec}), utracono {lost} %, wahania {jitter} ms",
    ),
    "{phone}: telephone quality {mos} of 4.5 ({codec}), {lost} % lost, jitter {jitter} ms": (
        "{phone}：通话质量 {mos}/4.5（{codec}），丢包 {lost} %，抖动 {jitter} 毫秒",
        "{phone}: jakość {mos} z 4,5 ({codec}), utracono {lost} %, wahania {jitter} ms",
    ),
    "{phone} is connected by {transport}, its sound is encrypted": (
        "{phone}：信令 {transport}，语音已加密",
        "{phone}: sygnalizacja {transport}, dźwięk szyfrowany",
    ),
    "{phone} is connected by {transport}, its sound is not encrypted": (
        "{phone}：信令 {transport}，语音未加密",
        "{phone}: sygnalizacja {transport}, dźwięk nieszyfrowany",
    ),
    "{phone} is connected through {trunk} by {transport}, its sound is encrypted": (
        "{phone}：经 {trunk} 接通，信令 {transport}，语音已加密",
        "{phone}: przez {trunk}, sygnalizacja {transport}, dźwięk szyfrowany",
    ),
    "{phone} is connected through {trunk} by {transport}, its sound is not encrypted": (
        "{phone}：经 {trunk} 接通，信令 {transport}，语音未加密",
        "{phone}: przez {trunk}, sygnalizacja {transport}, dźwięk nieszyfrowany",
    ),
    "{number} was not reached through {trunk}: {reason}": (
        "经 {trunk} 未能接通 {number}：{reason}",
        "{number} nieosiągalny przez {trunk}: {reason}",
    ),
    "the caller": ("来电者", "dzwoniący"),
    "the box mended: {what}": ("系统自愈：{what}", "centrala naprawiła: {what}"),
}
