"""Voicemail boxes and the mail server in the site file: read, written, refused by line and key."""

import pytest

from appliance.store.site_file import SecretsGiven, read_site, write_site
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.pins import pin_matches
from appliance.vocabulary.settings import Site

SITE = """
[[queue]]
id = "orders"

[[agent]]
id = "1001"

[[calendar]]
id = "week"

[mail]
server = "mail.example.com"
from = "box@example.com"
username = "box"
secret = "s3cret"

[[voicemail_box]]
id = "shop"
number = "70"
pin = "4711"
calendar = "week"
greeting = "Hello."
closed_greeting = "Closed."
queues = ["orders"]
agents = ["1001"]
email = ["anna@example.com"]
longest_seconds = 60
"""


def read(text: str, before: Site | None = None) -> tuple[Site, SecretsGiven]:
    return read_site(text, "site.toml", before=before or Site(), random_bytes=bytes)


def test_it_is_read_with_a_digest_and_the_secret_apart() -> None:
    site, given = read(SITE)
    (box,) = site.voicemail_box
    assert pin_matches("4711", box.pin_digest) and box.queues == ("orders",)
    assert (site.mail.from_, site.mail.security) == ("box@example.com", "starttls")
    assert given.mail == ["s3cret"]


def test_what_is_printed_reads_as_the_same_site_and_holds_neither_pin_nor_secret() -> None:
    site, _ = read(SITE)
    printed = write_site(site)
    assert "4711" not in printed and "s3cret" not in printed and 'from = "box@' in printed
    again, given = read(printed)
    assert (again.voicemail_box, again.mail) == (site.voicemail_box, site.mail)
    assert given.mail == []
    assert read(SITE, site)[0].voicemail_box == site.voicemail_box, "the digest is kept"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('calendar = "week"', 'calendar = "none"', "voicemail_box[shop].calendar"),
        ('calendar = "week"\n', "", "voicemail_box[shop].closed_greeting"),
        ('queues = ["orders"]', 'queues = ["x"]', "voicemail_box[shop].queues"),
        ('agents = ["1001"]', 'agents = ["7"]', "voicemail_box[shop].agents"),
        ('pin = "4711"', 'pin = "47"', "voicemail_box[shop].pin"),
        ('number = "70"', 'number = "seven"', "voicemail_box[shop].number"),
        ("longest_seconds = 60", "longest_seconds = 5", "voicemail_box[shop].longest_seconds"),
        ('"anna@example.com"', '"anna"', "voicemail_box[shop].email"),
        ('server = "mail.example.com"', 'server = "a b"', "mail.server"),
        ('username = "box"', 'username = "box"\nsecurity = "none"', "mail.username"),
        ('id = "shop"', 'id = "shop"\npin_digest = "scrypt:00:00"', "voicemail_box[shop].pin"),
        ('number = "70"', 'number = "70"\nringtone = 1', "voicemail_box[shop].ringtone"),
    ],
)
def test_what_could_not_work_is_refused_with_its_key_and_line(old: str, new: str, key: str) -> None:
    assert old in SITE
    with pytest.raises(SiteError) as refused:
        read(SITE.replace(old, new))
    faults = [fault for fault in refused.value.faults if fault.key.startswith(key)]
    assert faults and faults[0].line is not None and faults[0].expected
    assert "4711" not in str(refused.value)


def test_a_number_twice_and_mail_to_nobodys_server_are_refused() -> None:
    twice = SITE + '\n[[voicemail_box]]\nid = "two"\nnumber = "70"\n'
    alone = '[[voicemail_box]]\nid = "shop"\nemail = ["a@b.c"]\n'
    for text, key in ((twice, "voicemail_box[two].number"), (alone, "voicemail_box[shop].email")):
        with pytest.raises(SiteError) as refused:
            read(text)
        assert [fault.key for fault in refused.value.faults] == [key]
