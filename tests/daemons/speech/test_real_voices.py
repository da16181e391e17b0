"""The real engines, where they are installed under LINGHE_DATA (else skipped, in plain words)."""

import numpy as np
import pytest

from appliance.daemons.paths import environment
from appliance.daemons.speech.synthesis import Synthesis
from appliance.daemons.speech.telephone import telephone_alaw
from appliance.signals.g711 import decode_alaw
from appliance.signals.levels import active_level
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.settings import Language

TEXTS = {
    Language.ZH: "工号1001为您服务，重听请按1。",
    Language.EN: "You are speaking with agent number 1001.",
    Language.PL: "Rozmowa z konsultantem numer 1001.",
}


@pytest.fixture(params=list(Language))
def spoken(request: pytest.FixtureRequest) -> tuple[Synthesis, Language]:
    language = Language(request.param)
    synthesis = Synthesis(environment().paths.models)
    if lacks := synthesis.lacking(language):
        pytest.skip(f"speech for {language} is not installed: {', '.join(lacks)}")
    return synthesis, language


@pytest.mark.slow
def test_a_sentence_becomes_a_telephone_prompt(spoken: tuple[Synthesis, Language]) -> None:
    synthesis, language = spoken
    samples, rate = synthesis.synthesise(TEXTS[language], language)
    assert rate == 24000
    sound = decode_alaw(np.frombuffer(telephone_alaw(samples, rate), np.uint8))
    assert 1.5 < len(sound) / 8000 < 6
    assert active_level(sound) == pytest.approx(-20, abs=1)
    again, _ = synthesis.synthesise(TEXTS[language], language)
    assert len(again) == pytest.approx(len(samples), rel=0.1)


@pytest.mark.slow
def test_an_unknown_voice_and_an_empty_text_are_refused(
    spoken: tuple[Synthesis, Language],
) -> None:
    synthesis, language = spoken
    with pytest.raises(RefusedError, match="no voice"):
        synthesis.synthesise(TEXTS[language], language, "nobody")
    with pytest.raises(RefusedError, match="can be said"):
        synthesis.synthesise("…", language)
