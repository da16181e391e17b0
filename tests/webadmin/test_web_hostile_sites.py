"""An owner who pastes anything into the site: names and texts on the pages that show the site."""

import pytest
from msgspec.structs import replace
from test_web_hostile_names import NAMES, Tags
from web_stage import Stage

from appliance.vocabulary.ids import NodeName, Utc

PAGES = ("/queues/", "/flows/", "/flows/edit?flow=main", "/messages/", "/callbacks/", "/prompts/")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_of_a_site_adds_a_tag_or_an_attribute_to_a_page(stage: Stage, name: str) -> None:
    stage.has_people()
    stage.has_site()
    store = stage.settings()
    site = store.current()
    nodes = {**site.flow[0].node, NodeName("x"): {"kind": "play", "text": name, "next": name}}
    store.save(
        replace(
            site,
            queue=tuple(replace(one, name=name) for one in site.queue),
            agent=tuple(replace(one, name=name) for one in site.agent),
            flow=(replace(site.flow[0], node=nodes),),
        ),
        by=name,
        at=Utc(9.0),
    )
    store.close()
    browser = stage.logged_in()
    for address in PAGES:
        answer = browser.get(address.replace("main", site.flow[0].id))
        assert answer.status_code == 200, address
        for tag, attributes in Tags(answer.text).found:
            assert not {one for one in attributes if one.startswith("on")}, (address, tag)
        assert "alert(1)</script>" not in answer.text and ">49<" not in answer.text
