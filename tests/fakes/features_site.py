"""A site with phones for every feature; numbers from outside lead to the phones that are named."""

NOTICE = "You are through to the shop."
SITE = """
[site]
watch_phones = false
name = "Features"
language = "en"
timezone = "Asia/Shanghai"
country = "cn"

[[trunk]]
id = "carrier"
kind = "sip"
host = "127.0.0.1"
port = 5099
trusted_addresses = ["127.0.0.1"]

[parking]
slots = "701-703"
return_seconds = 100

[[ring_group]]
id = "counter"
number = "8100"
members = ["8009", "8010"]
ring_seconds = 100
"""
PHONE = """
[[extension]]
number = "{number}"
name = "Phone {number}"
secret = "test-only-secret-of-{number}"
{more}
"""
AGENTS = """
[[agent]]
id = "1001"
name = "Served"
extension = "8006"
pin = "4711"
signed_in = true

[[agent]]
id = "1002"
name = "Supervisor"
extension = "8007"
pin = "4712"
role = "supervisor"
signed_in = true

[[queue]]
id = "shop"
name = "Shop"
agents = ["1001"]
overflow = { to = "hangup" }
"""
ROUTE = """
[[route]]
trunk = "carrier"
number = "{number}"
flow = "to{extension}"

[[flow]]
id = "to{extension}"
start = "notice"

[flow.node.notice]
kind = "play"
text = "{notice}"
next = "ring"

[flow.node.ring]
kind = "extension"
extension = "{extension}"
ring_seconds = 100
"""
MORE = {"8013": "srtp = true", "8014": 'codecs = ["opus", "pcma"]'}
PHONES = [f"80{n:02d}" for n in range(1, 15)]


def site_for(numbers):
    """Return it as text; `numbers`: what is dialled outside, to the extension that it leads to."""
    phones = (PHONE.format(number=one, more=MORE.get(one, "")) for one in PHONES)
    routes = (
        ROUTE.format(number=called, extension=extension, notice=NOTICE)
        for called, extension in numbers.items()
    )
    return "".join([SITE, AGENTS, *phones, *routes])
