"""The bakery (tests/data/bakery.toml) as its peers hear it: each prompt is a tone of its own."""

from pathlib import Path

BAKERY = (
    (Path(__file__).parents[1] / "data" / "bakery.toml")
    .read_text()
    .replace("[site]\n", "[site]\nwatch_phones = false\n", 1)
)
"""Its phones are not asked whether they live: scenarios of sipp know nothing of that."""
NOTICE, MENU, AGENT_1001, AGENT_1002 = 600, 850, 1150, 1450
"""Hertz."""
AT_ONCE = BAKERY.replace("wrap_up_seconds = 10", "wrap_up_seconds = 0")
"""The bakery whose agents are free as soon as a talk is over."""


def with_trunks(box, *trunks):
    """Apply the bakery with these trunks (name, their lines) in the place of its own, all of them
    in its outbound rule in this order."""
    head, _, tail = AT_ONCE.partition("[[trunk]]")
    _, _, rest = tail.partition("\n\n")
    rows = "".join(f'[[trunk]]\nid = "{name}"\n{text}\n\n' for name, text in trunks)
    listed = ", ".join(f'"{name}"' for name, _ in trunks)
    site = f"{head}{rows}{rest}".replace('trunks = ["carrier"]', f"trunks = [{listed}]")
    box.apply(site.replace('trunk = "carrier"', f'trunk = "{trunks[0][0]}"'))
