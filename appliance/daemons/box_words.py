"""Words of the console and of what a stick says, in zh, en and pl, keyed by their English text.

As in reports/words.py: small enough to stand in the code, where a test holds that no word lacks a
language and that braces agree.
"""

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
    "You can pull the stick out.": ("现在可以拔出U盘。", "Możesz wyjąć pendrive."),
}

WORDS: dict[str, tuple[str, str]] = {**STICK_WORDS}
"""English to (Chinese, Polish)."""


def said(language: Language, text: str, **values: object) -> str:
    """Return a sentence in the language, its braces filled."""
    chinese, polish = WORDS.get(text, (text, text))
    match language:
        case Language.ZH:
            found = chinese
        case Language.PL:
            found = polish
        case Language.EN:
            found = text
    return found.format(**values)
