"""The words for what is different between two versions of a flow: English to (Chinese, Polish)."""

from appliance.reports.catalogue import in_language
from appliance.vocabulary.settings import Language

CHANGE_WORDS: dict[str, tuple[str, str]] = {
    "nothing is different": ("没有差别", "nie ma różnic"),
    "the flow is new": ("新流程", "scenariusz jest nowy"),
    "the flow is gone": ("流程已删除", "scenariusza już nie ma"),
    "written otherwise; callers notice nothing": (
        "只是写法不同，来电者感觉不到",
        "inny zapis; dzwoniący niczego nie zauważą",
    ),
    "the flow begins at '{now}' now (was '{was}')": (
        "流程现在从“{now}”开始（原为“{was}”）",
        "scenariusz zaczyna się teraz od „{now}” (było „{was}”)",
    ),
    "{key} of the flow is now {now} (was {was})": (
        "流程的 {key} 现为 {now}（原为 {was}）",
        "{key} scenariusza: teraz {now} (było {was})",
    ),
    "{key} of the flow is now {now} (was not set)": (
        "流程的 {key} 现为 {now}（原未设置）",
        "{key} scenariusza: teraz {now} (nie było ustawione)",
    ),
    "{key} of the flow is not set any more (was {was})": (
        "流程不再设置 {key}（原为 {was}）",
        "{key} scenariusza: już nieustawione (było {was})",
    ),
    "{kind} '{node}' added": ("新增 {kind}“{node}”", "dodano {kind} „{node}”"),
    "{kind} '{node}' removed": ("删除 {kind}“{node}”", "usunięto {kind} „{node}”"),
    "'{was}' is called '{now}' now": ("“{was}”改名为“{now}”", "„{was}” nazywa się teraz „{now}”"),
    "'{node}' is a {now} now (was a {was})": (
        "“{node}”现为 {now}（原为 {was}）",
        "„{node}” to teraz {now} (było {was})",
    ),
    "{kind} '{node}': {key} now leads to '{now}' (was '{was}')": (
        "{kind}“{node}”：{key} 现在通向“{now}”（原为“{was}”）",
        "{kind} „{node}”: {key} prowadzi teraz do „{now}” (było „{was}”)",
    ),
    "{kind} '{node}': {key} is new and leads to '{now}'": (
        "{kind}“{node}”：新增{key}，通向“{now}”",
        "{kind} „{node}”: {key} jest nowe i prowadzi do „{now}”",
    ),
    "{kind} '{node}': {key} is gone (led to '{was}')": (
        "{kind}“{node}”：{key} 已取消（原通向“{was}”）",
        "{kind} „{node}”: już nie ma: {key} (prowadziło do „{was}”)",
    ),
    "{kind} '{node}': {key} is now “{now}” (was “{was}”)": (
        "{kind}“{node}”：{key}改为“{now}”（原为“{was}”）",
        "{kind} „{node}”: {key} to teraz „{now}” (było „{was}”)",
    ),
    "{kind} '{node}': {key} is new: “{now}”": (
        "{kind}“{node}”：新增{key}“{now}”",
        "{kind} „{node}”: nowe: {key}: „{now}”",
    ),
    "{kind} '{node}': {key} is gone (was “{was}”)": (
        "{kind}“{node}”：{key}已删除（原为“{was}”）",
        "{kind} „{node}”: już nie ma: {key} (było „{was}”)",
    ),
    "{kind} '{node}': {key} is now {now} (was {was})": (
        "{kind}“{node}”：{key} 现为 {now}（原为 {was}）",
        "{kind} „{node}”: {key}: teraz {now} (było {was})",
    ),
    "{kind} '{node}': {key} is now {now} (was not set)": (
        "{kind}“{node}”：{key} 现为 {now}（原未设置）",
        "{kind} „{node}”: {key}: teraz {now} (nie było ustawione)",
    ),
    "{kind} '{node}': {key} is not set any more (was {was})": (
        "{kind}“{node}”：不再设置 {key}（原为 {was}）",
        "{kind} „{node}”: {key}: już nieustawione (było {was})",
    ),
    "key {key}": ("按键 {key}", "klawisz {key}"),
    "case “{key}”": ("情形“{key}”", "przypadek „{key}”"),
    "text": ("文本", "tekst"),
    "text ({key})": ("文本（{key}）", "tekst ({key})"),
}


def change_word(english: str, language: Language) -> str:
    """Return a sentence in that language."""
    return in_language(CHANGE_WORDS, english, language)
