"""A whole control process whose TCP trunk refuses every connection."""

import asyncio

from box_environment import box_environment
from running_box import free_port

from appliance.daemons.control.box import Box
from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import TrunkId
from appliance.vocabulary.settings import Site, Trunk

WITHIN_SECONDS = 5
"""Far above what a refusal takes, and far below timer F's 32 s."""


def test_a_trunk_that_refuses_connections_is_known_to_be_down_within_seconds(tmp_path):
    environment = box_environment(tmp_path, sip_port=free_port(), sips_port=free_port())
    carrier = Trunk(
        id=TrunkId("carrier"), host="127.0.0.1", port=free_port(), transport="tcp", watch=True
    )
    settings = SettingsStore(environment.paths.settings)
    settings.save(Site(trunk=(carrier,)), by="test", at=0.0)
    settings.close()

    async def life():
        box = Box(environment, asyncio.get_running_loop())
        await box.start()
        async with asyncio.timeout(WITHIN_SECONDS):
            while not (text := box.live().lines[0].text):
                await asyncio.sleep(0.01)
        box.stop()
        return text

    assert asyncio.run(life()) == "no connection"
