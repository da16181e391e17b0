"""The words of voicemail messages in timelines and reports: English to (Chinese, Polish)."""

MESSAGE_WORDS: dict[str, tuple[str, str]] = {
    "Voicemail from {caller}, {duration}, box {box}": (
        "{caller} 的留言，时长 {duration}，信箱 {box}",
        "Wiadomość głosowa od {caller}, {duration}, skrzynka {box}",
    ),
    "{caller} left a message of {duration} in the box {box} of {site} on {at}.": (
        "{caller} 于 {at} 在 {site} 的信箱 {box} 留言，时长 {duration}。",
        "{caller} zostawił wiadomość ({duration}) w skrzynce {box} firmy {site}, {at}.",
    ),
    "the message waits in the box {box}, {duration}": (
        "留言存入信箱 {box}，时长 {duration}",
        "wiadomość czeka w skrzynce {box}, {duration}",
    ),
    "{who} heard the message, after {duration}": (
        "{who} 收听了留言，距留言 {duration}",
        "{who} odsłuchał wiadomość po {duration}",
    ),
    "{who} marked the message as new": (
        "{who} 将留言标为未听",
        "{who} oznaczył wiadomość jako nową",
    ),
    "{who} marked the message as heard": (
        "{who} 将留言标为已听",
        "{who} oznaczył wiadomość jako odsłuchaną",
    ),
    "{who} deleted the message": ("{who} 删除了留言", "{who} usunął wiadomość"),
    "{phone} changed the PIN of the box {box}": (
        "{phone} 修改了信箱 {box} 的密码",
        "{phone} zmienił PIN skrzynki {box}",
    ),
    "{phone} keyed in a wrong PIN for the box {box}": (
        "{phone} 输入信箱 {box} 的密码错误",
        "{phone} wpisał zły PIN skrzynki {box}",
    ),
    "{phone} keyed in too many wrong PINs and is locked": (
        "{phone} 密码错误次数过多，已锁定",
        "{phone} wpisał zbyt wiele złych PIN-ów i jest zablokowany",
    ),
    "{phone} calls back who left a message, {called}": (
        "{phone} 回拨留言者 {called}",
        "{phone} oddzwania do zostawiającego wiadomość, {called}",
    ),
    "Messages in voicemail boxes": ("信箱留言", "Wiadomości w skrzynkach głosowych"),
    "left": ("留言数", "zostawione"),
    "heard": ("已听", "odsłuchane"),
    "deleted": ("已删除", "usunięte"),
    "unheard": ("未听", "nieodsłuchane"),
    "unheard for too long": ("超时未听", "nieodsłuchane zbyt długo"),
    "voicemail box": ("信箱", "skrzynka"),
}
