"""Text as people write it into text as people say it: figures and signs become words.

Rules run one after the other; each turns what it knows into words, so a later rule sees only
figures that none before it understood. `{digits:8001}` in any text forces digit by digit.
"""

from appliance.speech.normaliser_en import speakable_en
from appliance.speech.normaliser_pl import speakable_pl
from appliance.speech.normaliser_zh import speakable_zh
from appliance.vocabulary.settings import Language


def speakable(text: str, language: Language) -> str:
    """Return `text` in words only: in zh "按1" becomes "按一", "工号1001" "工号幺零零幺"."""
    match language:
        case Language.ZH:
            return speakable_zh(text)
        case Language.EN:
            return speakable_en(text)
        case Language.PL:
            return speakable_pl(text)
