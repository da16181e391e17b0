"""Words of the console and of what a stick says, in zh, en and pl, keyed by their English text.

As in reports/words.py: small enough to stand in the code, where a test holds that no word lacks a
language and that braces agree.
"""

from appliance.reports.catalogue import in_language
from appliance.vocabulary.settings import Language

STICK_WORDS: dict[str, tuple[str, str]] = {
    "This stick belongs to another box, or to none. Nothing was written and nothing was taken.": (
        "这个U盘属于另一台铃盒，或不属于任何一台。没有写入，也没有读取任何内容。",
        "Ten pendrive należy do innej skrzynki albo do żadnej. Nic nie zapisano i nic nie pobrano.",
    ),
    "This stick now belongs to this box. Pull it out and plug it in again.": (
        "这个U盘现在属于这台铃盒。请拔出后重新插入。",
        "Ten pendrive należy teraz do tej skrzynki. Wyjmij go i włóż ponownie.",
    ),
    "Reports of {count} days are in the folder reports.": (
        "{count} 天的报表在 reports 文件夹中。",
        "Raporty z {count} dni są w folderze reports.",
    ),
    "The backup {name} is written and was read back.": (
        "备份 {name} 已写入并核对。",
        "Kopia zapasowa {name} jest zapisana i sprawdzona.",
    ),
    "{count} recordings were added to the folder recordings.": (
        "{count} 个录音已加入 recordings 文件夹。",
        "Do folderu recordings dodano nagrań: {count}.",
    ),
    "The stick is full: {what}. What was there before is whole. Make room, or take a larger one.": (
        "U盘已满：{what}。原有内容完好。请腾出空间，或换更大的U盘。",
        "Pendrive jest pełny: {what}. To, co było wcześniej, jest całe. Zwolnij miejsce lub weź "
        "większy.",
    ),
    "Something failed: {what}.": ("出错了：{what}。", "Coś się nie udało: {what}."),
    "There are {count} updates on the stick; leave one only.": (
        "U盘上有 {count} 个更新包，请只留一个。",
        "Na pendrivie jest aktualizacji: {count}; zostaw tylko jedną.",
    ),
    "The update {name} was taken from a stick before; it is not taken again.": (
        "更新包 {name} 已经从U盘读取过，不再重复。",
        "Aktualizacja {name} była już pobrana; nie jest pobierana ponownie.",
    ),
    "The update {name} is taken: {what}": (
        "更新包 {name} 已读取：{what}",
        "Aktualizacja {name}: {what}",
    ),
    "The update {name} is refused: {what}": (
        "更新包 {name} 被拒绝：{what}",
        "Aktualizacja {name} odrzucona: {what}",
    ),
    "SSH is off: there is no ssh-key.pub on the stick.": (
        "SSH 已关闭：U盘上没有 ssh-key.pub。",
        "SSH jest wyłączone: na pendrivie nie ma pliku ssh-key.pub.",
    ),
    "The key ssh-key.pub is refused: {what}": (
        "密钥 ssh-key.pub 被拒绝：{what}",
        "Klucz ssh-key.pub odrzucony: {what}",
    ),
    "The key ssh-key.pub is let in: {what}": (
        "密钥 ssh-key.pub 已获准登录：{what}",
        "Klucz ssh-key.pub wpuszczony: {what}",
    ),
    "You can pull the stick out.": ("现在可以拔出U盘。", "Możesz wyjąć pendrive."),
}

CONSOLE_WORDS: dict[str, tuple[str, str]] = {
    "The page, for a browser:": (
        "管理页面（用浏览器打开）：",
        "Strona, do otwarcia w przeglądarce:",
    ),
    "No network: plug the cable in.": ("没有网络：请插好网线。", "Brak sieci: podłącz kabel."),
    "The box is starting, or stopped.": (
        "铃盒正在启动，或已停止。",
        "Skrzynka się uruchamia albo stoi.",
    ),
    "The box is up. Calls: {calls} now, {today} today.": (
        "铃盒已就绪。通话：现在 {calls}，今天 {today}。",
        "Skrzynka działa. Rozmowy: teraz {calls}, dziś {today}.",
    ),
    "Phones: {phones}. Trunks up: {up} of {all}.": (
        "话机：{phones}。中继：{up}/{all}。",
        "Telefony: {phones}. Łącza: {up} z {all}.",
    ),
    "Nobody owns this box yet.": (
        "这台铃盒还没有主人。",
        "Ta skrzynka nie ma jeszcze właściciela.",
    ),
    "One-time code:": ("一次性认领码：", "Kod jednorazowy:"),
    "Scan it, or type it into the page.": (
        "请扫码，或在页面上输入。",
        "Zeskanuj go lub wpisz na stronie.",
    ),
    "Nobody owns this box yet; `linghe claim` showed a code.": (
        "这台铃盒还没有主人；linghe claim 已显示认领码。",
        "Skrzynka nie ma właściciela; kod pokazało `linghe claim`.",
    ),
    "Enter: rescue menu · L: language": (
        "回车：救援菜单 · L：语言",
        "Enter: menu ratunkowe · L: język",
    ),
    "Rescue menu": ("救援菜单", "Menu ratunkowe"),
    "Esc: back": ("Esc：返回", "Esc: wstecz"),
    "Any key leads back.": ("按任意键返回。", "Dowolny klawisz: wstecz."),
    "One moment…": ("请稍候……", "Chwileczkę…"),
    "Whose password?": ("谁的密码？", "Czyje hasło?"),
    "Nothing to tell.": ("没有内容。", "Nie ma nic do pokazania."),
    "Space: older · b: newer · Esc: back": (
        "空格：更早 · b：更新 · Esc：返回",
        "Spacja: starsze · b: nowsze · Esc: wstecz",
    ),
    "Type {word} to do it; Esc: back": (
        "输入 {word} 确认；Esc：返回",
        "Wpisz {word}, aby to zrobić; Esc: wstecz",
    ),
    "Network: take an address by DHCP again": (
        "网络：重新用 DHCP 取得地址",
        "Sieć: znów adres z DHCP",
    ),
    "Network: a fixed address": ("网络：固定地址", "Sieć: stały adres"),
    "The page moves to this address. Calls that go on may end.": (
        "管理页面将改用此地址。正在进行的通话可能中断。",
        "Strona przeniesie się pod ten adres. Trwające rozmowy mogą się urwać.",
    ),
    "Address with its prefix, like 192.168.1.10/24:": (
        "地址和前缀长度，例如 192.168.1.10/24：",
        "Adres z prefiksem, np. 192.168.1.10/24:",
    ),
    "Gateway (Enter: none):": ("网关（回车：无）：", "Brama (Enter: brak):"),
    "Name server (Enter: none):": ("DNS 服务器（回车：无）：", "Serwer DNS (Enter: brak):"),
    "Enter: on; Esc: back": ("回车：继续；Esc：返回", "Enter: dalej; Esc: wstecz"),
    "New password for the owner": ("主人的新密码", "Nowe hasło właściciela"),
    "Log: the latest faults": ("日志：最近的故障", "Dziennik: ostatnie usterki"),
    "The next USB stick becomes the box's own": (
        "下一个插入的U盘归这台铃盒所有",
        "Następny pendrive będzie należał do skrzynki",
    ),
    "New one-time code": ("新的一次性认领码", "Nowy kod jednorazowy"),
    "Restart": ("重新启动", "Uruchom ponownie"),
    "Power off": ("关机", "Wyłącz"),
    "Factory reset, with the recordings or without them": (
        "恢复出厂设置，可保留或删除录音",
        "Ustawienia fabryczne, z nagraniami albo bez nich",
    ),
    "Type {word} to do it and keep the recordings": (
        "输入 {word}：恢复出厂设置并保留录音",
        "Wpisz {word}, aby to zrobić i zostawić nagrania",
    ),
    "Type {word} to do it and delete the recordings too": (
        "输入 {word}：恢复出厂设置并删除录音",
        "Wpisz {word}, aby to zrobić i usunąć także nagrania",
    ),
    "A fixed address is forgotten. Calls that go on may end.": (
        "固定地址会被清除。正在进行的通话可能中断。",
        "Stały adres zostanie zapomniany. Trwające rozmowy mogą się urwać.",
    ),
    "His old password ends, and so do his logins.": (
        "旧密码失效，已登录的页面会退出。",
        "Stare hasło i zalogowania przestaną działać.",
    ),
    "Within three minutes. It is given reports, and backups with passwords in them.": (
        "三分钟内有效。它将得到报表和备份，其中含有密码。",
        "W ciągu trzech minut. Dostanie raporty i kopie zapasowe, a w nich hasła.",
    ),
    "Any older code ends.": ("旧的认领码失效。", "Starszy kod przestanie działać."),
    "Calls that go on end.": ("正在进行的通话会中断。", "Trwające rozmowy się skończą."),
    "Calls that go on end, and nobody can call until the box is switched on.": (
        "正在进行的通话会中断，开机前无法来电。",
        "Rozmowy się skończą i nikt nie zadzwoni, póki skrzynka nie zostanie włączona.",
    ),
    "Phones, agents, queues, flows, people and all records of calls are deleted.": (
        "话机、坐席、队列、流程、人员和全部通话记录都会被删除。",
        "Telefony, konsultanci, kolejki, scenariusze, osoby i zapisy rozmów zostaną usunięte.",
    ),
    "Plug the stick in now.": ("请现在插入U盘。", "Włóż teraz pendrive."),
    "The new code is on the first screen.": (
        "新的认领码在首屏上。",
        "Nowy kod jest na pierwszym ekranie.",
    ),
    "New password of {name}:": ("{name} 的新密码：", "Nowe hasło ({name}):"),
    "Log in with it and choose your own.": (
        "请用它登录，然后改成自己的密码。",
        "Zaloguj się nim i ustaw własne.",
    ),
    "A backup is being put in its place.": (
        "正在恢复备份。",
        "Kopia zapasowa jest właśnie przywracana.",
    ),
    "Call control does not answer.": ("呼叫控制没有应答。", "Sterowanie rozmowami nie odpowiada."),
    "A media worker is down.": ("有媒体进程停止。", "Proces mediów nie działa."),
    "A trunk is down.": ("有中继不通。", "Łącze nie działa."),
    "The disk is full.": ("磁盘已满。", "Dysk jest pełny."),
    "No mains: on the UPS's battery.": (
        "市电中断：正用 UPS 电池。",
        "Brak zasilania: praca z UPS-a.",
    ),
    "The UPS's battery is low: the box stops.": (
        "UPS 电量不足：铃盒即将停机。",
        "Bateria UPS-a słaba: skrzynka się zatrzymuje.",
    ),
    "A USB stick is at work: leave it in.": (
        "U盘读写中：请勿拔出。",
        "Pendrive pracuje: nie wyjmuj.",
    ),
    "The reset button is held!": ("正按住复位键！", "Przycisk reset jest wciśnięty!"),
    "The next USB stick becomes the box's own.": (
        "下一个插入的U盘归这台铃盒所有。",
        "Następny pendrive będzie należał do skrzynki.",
    ),
}

WORDS: dict[str, tuple[str, str]] = {**STICK_WORDS, **CONSOLE_WORDS}
"""English to (Chinese, Polish)."""


def said(language: Language, text: str, **values: object) -> str:
    """Return a sentence in the language, its braces filled."""
    found = in_language(WORDS, text, language) if text in WORDS else text
    return found.format(**values)
