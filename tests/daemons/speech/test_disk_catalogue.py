"""What the box can say: rendered, shipped, put together; and what it says it cannot."""

import hashlib
import time
from pathlib import Path

import pytest

from appliance.daemons.paths import Paths
from appliance.daemons.prompts import (
    DiskCatalogue,
    add_to_index,
    lay_defaults,
    prompt_file,
    read_index,
    store_prompt,
)
from appliance.speech.index import BYTES_PER_SECOND, IndexRow, music_key
from appliance.speech.wanted import phrases_wanted
from appliance.vocabulary.ids import AgentId, FlowId, NodeName, PromptHash
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.settings import Agent, Flow, Language, Site, SiteFacts
from appliance.vocabulary.speech import PhraseKey, Utterance

SITE = Site(
    site=SiteFacts(language=Language.ZH),
    agent=(Agent(id=AgentId("1001")),),
    flow=(
        Flow(
            id=FlowId("main"),
            start=NodeName("a"),
            node={NodeName("a"): {"kind": "play", "text": "欢迎致电。", "next": "a"}},
        ),
    ),
)
WELCOME = Utterance(language=Language.ZH, text="欢迎致电。")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "var")
    made.make()
    lay_defaults(made)
    return made


def wish(phrase: PhraseKey, language: Language = Language.ZH, **values: str) -> Utterance:
    return Utterance(language=language, phrase=phrase, values=values)


def test_defaults_are_laid_once_and_quickly(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    began = time.process_time()
    assert lay_defaults(paths) > 100
    assert time.process_time() - began < 0.5
    assert lay_defaults(paths) == 0


@pytest.mark.parametrize("language", list(Language))
def test_a_box_without_models_says_all_its_phrases(paths: Paths, language: Language) -> None:
    """But for waits in minutes, which a site that wants them told has rendered with its texts."""
    catalogue = DiskCatalogue(paths)
    agents = [
        wish(phrase, language, agent="1001")
        for phrase in (PhraseKey.AGENT_NUMBER, PhraseKey.SIGNED_IN)
    ]
    wanted = [*phrases_wanted(language), *agents]
    assert {one.phrase for one in wanted} >= set(PhraseKey) - {
        PhraseKey.EXPECTED_WAIT,
        PhraseKey.WAITED,
    }
    for utterance in wanted:
        prompt = catalogue.find(utterance)
        assert prompt is not None, utterance.index_key
        content = prompt_file(paths, prompt).read_bytes()
        assert hashlib.sha256(content).hexdigest() == prompt
        assert catalogue.seconds(prompt) == pytest.approx(len(content) / 8000)


def test_an_agents_number_is_put_together_the_same_each_time(paths: Paths) -> None:
    announced = wish(PhraseKey.AGENT_NUMBER, agent="20437")
    first = DiskCatalogue(paths).find(announced)
    assert first is not None
    assert DiskCatalogue(paths).find(announced) == first
    assert DiskCatalogue(paths).find(wish(PhraseKey.AGENT_NUMBER, agent="20473")) != first


def test_a_number_that_nobody_can_key_in_is_not_invented(paths: Paths) -> None:
    catalogue = DiskCatalogue(paths)
    assert catalogue.find(wish(PhraseKey.AGENT_NUMBER, agent="A7")) is None
    assert catalogue.find(wish(PhraseKey.AGENT_NUMBER, agent="")) is None
    assert catalogue.find(wish(PhraseKey.AGENT_NUMBER, agent="1" * 13)) is None


def test_far_positions_are_said_as_far(paths: Paths) -> None:
    catalogue = DiskCatalogue(paths)
    far = catalogue.find(wish(PhraseKey.POSITION, n="21"))
    assert far is not None
    assert far == catalogue.find(wish(PhraseKey.POSITION, n="350"))
    assert far != catalogue.find(wish(PhraseKey.POSITION, n="20"))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (SayKind.NUMBER, "-22022.05"),
        (SayKind.DIGITS, "13800138000"),
        (SayKind.AMOUNT, "20105.67"),
        (SayKind.DATE, "2026-10-08"),
        (SayKind.TIME, "22:22"),
    ],
)
def test_a_value_of_the_call_is_said_by_its_pieces_and_leaves_none_of_its_own(
    paths: Paths, language: Language, kind: SayKind, value: str
) -> None:
    currency = {"currency": "PLN"} if kind is SayKind.AMOUNT else {}
    spoken = Utterance(language=language, text=value, said=kind, values=currency)
    catalogue = DiskCatalogue(paths)
    parts = catalogue.parts(spoken)
    assert 2 <= len(parts) <= 12
    assert catalogue.find(spoken) is None, "no prompt of its own is made of it"
    for part in parts:
        sound = prompt_file(paths, part).read_bytes()
        assert hashlib.sha256(sound).hexdigest() == part
        assert catalogue.seconds(part) == len(sound) / BYTES_PER_SECOND
        assert 0.15 < catalogue.seconds(part) < 4.0


def test_a_value_that_was_rendered_is_said_as_a_whole(paths: Paths) -> None:
    spoken = Utterance(language=Language.ZH, text="12.05", said=SayKind.NUMBER)
    row = store_prompt(paths, b"\x55" * 800, made_by="test")
    add_to_index(paths, {spoken.index_key: row})
    assert DiskCatalogue(paths).parts(spoken) == (row.hash,)


def test_what_is_no_value_is_not_invented(paths: Paths) -> None:
    spoken = Utterance(language=Language.EN, text="ten", said=SayKind.NUMBER)
    assert DiskCatalogue(paths).parts(spoken) == ()


def test_text_that_nobody_rendered_is_missing_by_name(paths: Paths) -> None:
    catalogue = DiskCatalogue(paths)
    assert catalogue.find(WELCOME) is None
    assert catalogue.missing(SITE) == [WELCOME]
    assert WELCOME in catalogue.unrendered(SITE)
    assert wish(PhraseKey.AGENT_NUMBER, agent="1001") in catalogue.unrendered(SITE)


def test_another_languages_prompt_is_never_taken(paths: Paths) -> None:
    row = store_prompt(paths, b"\x55" * 800, made_by="test")
    add_to_index(paths, {WELCOME.index_key: row})
    catalogue = DiskCatalogue(paths)
    assert catalogue.find(Utterance(language=Language.EN, text=WELCOME.text)) is None


def test_what_the_worker_adds_is_found_after_reload(paths: Paths) -> None:
    catalogue = DiskCatalogue(paths)
    row = store_prompt(paths, b"\x55" * 16000, made_by="test")
    add_to_index(paths, {WELCOME.index_key: row})
    assert catalogue.find(WELCOME) is None
    catalogue.reload()
    assert catalogue.find(WELCOME) == row.hash
    assert catalogue.seconds(row.hash) == 2.0
    assert catalogue.missing(SITE) == []


def test_a_rendered_sentence_goes_before_clips_and_before_the_shipped(paths: Paths) -> None:
    row = store_prompt(paths, b"\x55" * 8000, made_by="test")
    own = (wish(PhraseKey.AGENT_NUMBER, agent="1001"), wish(PhraseKey.GOODBYE))
    add_to_index(paths, {said.index_key: row for said in own})
    catalogue = DiskCatalogue(paths)
    assert [catalogue.find(said) for said in own] == [row.hash, row.hash]


def test_a_row_whose_file_is_gone_is_not_offered(paths: Paths) -> None:
    gone = IndexRow(hash=PromptHash("0" * 64), seconds=1.0, made_by="test")
    add_to_index(paths, {WELCOME.index_key: gone})
    assert DiskCatalogue(paths).find(WELCOME) is None


def test_a_spoiled_index_costs_the_sites_prompts_but_not_the_shipped(paths: Paths) -> None:
    (paths.prompts / "index.json").write_bytes(b'{"zh|text|x": {"hash": 5')
    assert read_index(paths) == {}
    assert DiskCatalogue(paths).find(wish(PhraseKey.GOODBYE)) is not None
    add_to_index(paths, {"zh|text|x": store_prompt(paths, b"\x55", made_by="test")})
    assert list(read_index(paths)) == ["zh|text|x"]


def test_music_is_ours_until_the_site_has_its_own(paths: Paths) -> None:
    ours = DiskCatalogue(paths).music()
    assert len(ours) == 1
    assert DiskCatalogue(paths).music("lobby") == ()
    own = [store_prompt(paths, bytes([piece]) * 8000, made_by="import") for piece in (1, 2)]
    add_to_index(paths, {music_key("default", place): row for place, row in enumerate(own)})
    assert DiskCatalogue(paths).music() == tuple(row.hash for row in own)


def test_an_empty_folder_says_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    catalogue = DiskCatalogue(Paths(tmp_path / "nowhere"), shipped=tmp_path)
    assert catalogue.find(WELCOME) is None
    assert catalogue.music() == ()
    assert catalogue.seconds(PromptHash("0" * 64)) == 0.0
