"""The words of a dry run of a flow, and of advice on it: English to (Chinese, Polish)."""

from appliance.reports.catalogue import in_language
from appliance.vocabulary.settings import Language

FLOW_WORDS: dict[str, tuple[str, str]] = {
    "{flow} on {at}, keys: {keys}": (
        "{flow}，{at}，按键：{keys}",
        "{flow}, {at}, klawisze: {keys}",
    ),
    "none": ("无", "brak"),
    "{node} ({kind}), by: {why}": ("{node}（{kind}），来由：{why}", "{node} ({kind}), skąd: {why}"),
    "says: {text}": ("播放：{text}", "mówi: {text}"),
    "keyed in {keys} → {node}": ("按 {keys} → {node}", "wybrano {keys} → {node}"),
    "keyed in {keys}: wrong": ("按 {keys}：错误", "wybrano {keys}: źle"),
    "ends: {end}": ("结果：{end}", "koniec: {end}"),
    "keys that nobody took: {keys}": ("无人接收的按键：{keys}", "klawisze bez odbiorcy: {keys}"),
    "{node}: the {value}th menu in a row; callers lose patience after {limit}": (
        "{node}：连续第 {value} 级菜单；超过 {limit} 级来电者会失去耐心",
        "{node}: {value}. menu z rzędu; po {limit} dzwoniący tracą cierpliwość",
    ),
    "{node}: {value} choices; nobody keeps more than {limit} in mind": (
        "{node}：{value} 个选项；没人记得住 {limit} 个以上",
        "{node}: {value} możliwości; nikt nie spamięta więcej niż {limit}",
    ),
    "{node}: about {value} s of talk until the first key that is of use; {limit} s are plenty": (
        "{node}：约 {value} 秒后才听到第一个可用的按键；{limit} 秒已经够长",
        "{node}: około {value} s mowy do pierwszego użytecznego klawisza; {limit} s to już dużo",
    ),
    "{node}: {name} in a text is spoken as it stands; only value of a say node knows variables": (
        "{node}：文本中的 {name} 会照原样念出；只有 say 节点的 value 认识变量",
        "{node}: {name} w tekście zostanie odczytane dosłownie; zmienne zna tylko value węzła say",
    ),
}


def flow_word(english: str, language: Language) -> str:
    """Return a sentence in that language."""
    return in_language(FLOW_WORDS, english, language)
