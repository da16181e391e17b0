"""The speech worker: renders what is wanted and missing, goes on where it was, tells control."""

import socket
import threading
from pathlib import Path

import numpy as np
import pytest

from appliance.daemons.paths import Paths
from appliance.daemons.prompts import DiskCatalogue, lay_defaults, prompt_file, read_index
from appliance.daemons.speech.render import render, site_from, tell_control
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import AgentId, FlowId, NodeName, Utc
from appliance.vocabulary.settings import Agent, Flow, Language, Site, SiteFacts
from appliance.vocabulary.speech import Utterance
from appliance.wire.codec import line_of
from appliance.wire.control import Done

TEXTS = ("您好。", "请按1。", "请留言。")


def flow(texts: tuple[str, ...], language: Language | None = None) -> Flow:
    nodes: dict[NodeName, dict[str, object]] = {
        NodeName(f"n{place}"): {"kind": "play", "text": text, "next": f"n{place + 1}"}
        for place, text in enumerate(texts)
    }
    return Flow(id=FlowId("main"), start=NodeName("n0"), node=nodes, language=language)


def shop(flow: Flow) -> Site:
    return Site(
        site=SiteFacts(language=Language.ZH), agent=(Agent(id=AgentId("1001")),), flow=(flow,)
    )


class Hum:
    """A voice at the edge: a hum for every text, and no English at all."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def synthesise(self, text: str, language: Language) -> tuple[np.ndarray, int]:
        if language is Language.EN:
            raise RefusedError("speech_not_installed", "Speech for en is not installed.")
        self.said.append(text)
        time = np.arange(12000 + 100 * len(text), dtype=np.float32) / 24000
        return np.sin(2 * np.pi * 440 * time).astype(np.float32), 24000

    def made_by(self, language: Language) -> str:
        return f"hum/{language}"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "var")
    made.make()
    lay_defaults(made)
    return made


def saved(paths: Paths, site: Site) -> Path:
    store = SettingsStore(paths.settings)
    store.save(site, by="test", at=Utc(0.0))
    store.close()
    return paths.settings


def never() -> bool:
    return False


def test_all_that_is_missing_is_rendered_in_the_order_callers_hear_it(paths: Paths) -> None:
    settings = saved(paths, shop(flow(TEXTS)))
    voice, lines = Hum(), []
    result = render(paths, settings, voice=voice, say=lines.append, is_stopped=never)
    assert voice.said == [
        "您好。",
        "请按一。",
        "请留言。",
        "工号幺零零幺为您服务。",
        "工号幺零零幺签入成功。",
    ]
    assert (result.made, result.refused) == (5, {})
    catalogue = DiskCatalogue(paths)
    assert catalogue.unrendered(site_from(settings)) == []
    row = read_index(paths)["zh|text|请按1。"]
    assert row.made_by == "hum/zh"
    assert len(prompt_file(paths, row.hash).read_bytes()) == round(row.seconds * 8000)
    # the page Site file counts by these (webadmin/pages/site/applying.py)
    assert [line.partition(" left;")[0] for line in lines if " left;" in line] == list("43210")


def test_a_stopped_worker_keeps_what_it_made_and_the_next_goes_on(paths: Paths) -> None:
    settings = saved(paths, shop(flow(TEXTS)))
    first, second = Hum(), Hum()
    render(paths, settings, voice=first, say=str, is_stopped=lambda: len(first.said) >= 2)
    render(paths, settings, voice=second, say=str, is_stopped=never)
    assert first.said == ["您好。", "请按一。"]
    assert second.said[0] == "请留言。"


def test_a_site_applied_meanwhile_is_not_missed(paths: Paths) -> None:
    settings = saved(paths, shop(flow(TEXTS[:1])))
    voice = Hum()

    def applied() -> bool:
        if len(voice.said) == 1:
            saved(paths, shop(flow(TEXTS)))
        return False

    render(paths, settings, voice=voice, say=str, is_stopped=applied)
    assert {"请按一。", "请留言。"} <= set(voice.said)


def test_a_language_without_models_is_said_by_name_and_not_tried_again(paths: Paths) -> None:
    settings = saved(paths, shop(flow(("Hello.",), Language.EN)))
    lines: list[str] = []
    result = render(paths, settings, voice=Hum(), say=lines.append, is_stopped=never)
    assert "Speech for en is not installed." in result.refused["en|text|Hello."]
    assert any("Hello." in line and "not installed" in line for line in lines)
    missing = DiskCatalogue(paths).missing(site_from(settings))
    assert missing == [Utterance(language=Language.EN, text="Hello.")]


def test_nothing_to_do_is_nothing_done(paths: Paths) -> None:
    result = render(paths, paths.settings, voice=Hum(), say=str, is_stopped=never)
    assert result.made == 0
    assert site_from(paths.settings) == Site()


def test_control_is_told_and_its_answer_passed_on(paths: Paths) -> None:
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(paths.control_socket))
        door.listen(1)

        def control() -> None:
            line, _ = door.accept()
            with line:
                heard.append(line.recv(4096))
                line.sendall(line_of(Done(text="prompts reloaded")))

        answering = threading.Thread(target=control)
        answering.start()
        told = tell_control(paths)
        answering.join()
    assert b'"ReloadPrompts"' in heard[0]
    assert "from now on" in told


def test_a_box_that_is_off_is_no_fault(paths: Paths) -> None:
    assert "does not run" in tell_control(paths)
