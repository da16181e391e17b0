"""The timeline's and reports' words of callbacks and surveys: English to (Chinese, Polish)."""

CUSTOMER_WORDS: dict[str, tuple[str, str]] = {
    "is to be called back at {number}, queue {queue}": (
        "登记回呼 {number}，队列 {queue}",
        "do oddzwonienia pod {number}, kolejka {queue}",
    ),
    "is to be called back at {number} already; the earlier place in {queue} is kept": (
        "{number} 已登记回呼，保留 {queue} 中较早的位置",
        "już do oddzwonienia pod {number}; wcześniejsze miejsce w {queue} zostaje",
    ),
    "callback of {number} for queue {queue}": (
        "回呼 {number}，队列 {queue}",
        "oddzwanianie pod {number}, kolejka {queue}",
    ),
    "{phone} has it; the customer is rung, time {tries}": (
        "{phone} 接起；第 {tries} 次呼叫客户",
        "{phone} odebrał; dzwonimy do klienta, raz {tries}",
    ),
    "customer not reached: {result}": (
        "未联系上客户：{result}",
        "klient nieosiągnięty: {result}",
    ),
    "customer not reached: {result}; to be tried again": (
        "未联系上客户：{result}；稍后再试",
        "klient nieosiągnięty: {result}; będzie kolejna próba",
    ),
    "no answer": ("无人接听", "nie odebrał"),
    "the line is busy": ("占线", "linia zajęta"),
    "the customer rejected it": ("客户拒接", "klient odrzucił"),
    "could not be reached": ("无法接通", "nie można było połączyć"),
    "every line was busy": ("线路全忙", "wszystkie linie były zajęte"),
    "the number may not be dialled": ("不允许拨打此号码", "tego numeru nie wolno wybierać"),
    "a fault of the line": ("线路故障", "usterka linii"),
    "the agent hung up before": ("坐席先挂机", "konsultant rozłączył się wcześniej"),
    "the box was restarted": ("设备重启", "urządzenie uruchomiono ponownie"),
    "callback cancelled by {who}": ("{who} 取消了回呼", "oddzwonienie anulował(a) {who}"),
    "callback given up: {reason}": ("放弃回呼：{reason}", "zaniechano oddzwonienia: {reason}"),
    "tried often enough": ("已达尝试次数", "wyczerpano próby"),
    "too old": ("已过期", "zbyt stare"),
    "its queue calls nobody back any more": (
        "该队列不再回呼",
        "jego kolejka już nie oddzwania",
    ),
    "is asked how it was": ("播放满意度评价", "proszony o ocenę"),
    "is asked how agent {agent} was": (
        "请客户评价工号 {agent}",
        "proszony o ocenę konsultanta {agent}",
    ),
    "no survey: {reason}": ("不作评价：{reason}", "bez ankiety: {reason}"),
    "the talk was too short": ("通话太短", "rozmowa była za krótka"),
    "he was asked a short time ago": ("近期已评价", "niedawno był pytany"),
    "the question is not there as sound": ("提示音尚未生成", "pytanie nie ma nagrania"),
    "survey: {key}, {score}": ("评价：{key} {score}", "ocena: {key}, {score}"),
    "content": ("满意", "zadowolony"),
    "so-so": ("一般", "średnio"),
    "not content": ("不满意", "niezadowolony"),
    "survey not answered": ("未作评价", "brak oceny"),
    "says why he is not content": ("客户说明不满意的原因", "mówi, dlaczego jest niezadowolony"),
}
