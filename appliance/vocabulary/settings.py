"""A site: everything that a shop decides, validated. The public form is TOML (site.toml).

Names follow the public form. Secrets are kept apart: what stands here are digests.
"""

from enum import StrEnum

from appliance.vocabulary.audio import Codec
from appliance.vocabulary.ids import (
    AgentId,
    BoxName,
    CalendarId,
    ExtensionNumber,
    FlowId,
    GroupId,
    NodeName,
    QueueId,
    SurveyId,
    TrunkId,
    WebhookId,
)
from appliance.vocabulary.settings_customers import Callback as Callback
from appliance.vocabulary.settings_customers import Survey as Survey
from appliance.vocabulary.settings_lookups import LookupTable as LookupTable
from appliance.vocabulary.settings_lookups import Service as Service
from appliance.vocabulary.settings_messages import Mail, VoicemailBoxFacts
from appliance.vocabulary.settings_prompts import PromptRecording
from appliance.vocabulary.shape import Value


class Language(StrEnum):
    """Languages of prompts, pages and reports."""

    ZH = "zh"
    EN = "en"
    PL = "pl"


class Country(StrEnum):
    """Profiles: tones, number rules, holidays, emergency numbers."""

    CN = "cn"
    PL = "pl"
    GB = "gb"
    US = "us"


class SiteFacts(Value, frozen=True, kw_only=True):
    """[site]"""

    name: str = "Linghe"
    language: Language = Language.ZH
    timezone: str = "Asia/Shanghai"
    country: Country = Country.CN
    area_code: str = ""
    """With its trunk prefix ("021"): put before local numbers of callers, so that a number has one
    form only."""
    music: str = "default"
    """Music on hold, by the name that it has in the prompt index."""
    watch_phones: bool = True
    """Ask registered phones every 20 s whether they are there (SIP OPTIONS)."""


class Extension(Value, frozen=True, kw_only=True):
    """[[extension]]: a phone that registers. HA1 digests for realm "linghe", not the secret."""

    number: ExtensionNumber
    name: str = ""
    ha1_md5: str = ""
    ha1_sha256: str = ""
    language: Language | None = None
    may_dial: tuple[str, ...] = ("local", "national")
    forward_always: str = ""
    """An extension, a ring group or a number as this phone would dial it; empty: nowhere. What
    its user keys in at the phone wins over the four of them, and over do_not_disturb."""
    forward_busy: str = ""
    forward_no_answer: str = ""
    forward_unreachable: str = ""
    forward_after_seconds: float = 20
    """forward_no_answer: how long it rings before."""
    do_not_disturb: bool = False
    """Nothing rings here: callers are sent on as if it were busy, groups and queues pass it by."""
    call_waiting: bool | None = None
    """A second call rings a busy phone. Left out: not where an agent sits."""
    pickup_group: str = ""
    """Phones of one group take each other's ringing calls with *8."""
    voicemail_box: BoxName | None = None
    """Its message lamp shows the messages of this box; any number of phones may show one."""
    caller_number: str = ""
    """Shown to called parties outside, in place of the trunk's."""
    spell: str = ""
    """How its name is keyed in by letters; empty: as it is written, Chinese by pinyin initials."""
    listed: bool = True
    """Callers may dial it by name (node directory)."""
    codecs: tuple[Codec, ...] = (Codec.PCMA, Codec.PCMU)
    """Best first. A phone that offers none of them but G.722 or Opus is understood as well."""
    srtp: bool = False
    """Its audio is encrypted, or refused."""
    keys: str = "auto"
    """How keys of others reach it. auto: as its description says, else by SIP INFO where it has
    shown that it speaks that, else as tones. info: by SIP INFO."""


class Agent(Value, frozen=True, kw_only=True):
    """[[agent]]: a person."""

    id: AgentId
    name: str = ""
    extension: ExtensionNumber | None = None
    pin_digest: str = ""
    """scrypt:salt:hash, made by vocabulary.pins."""
    signed_in: bool = False
    role: str = "agent"
    """agent | supervisor: a supervisor's phone may listen, whisper, barge, take over (*85)."""
    skills: dict[str, int] = {}
    break_minutes: dict[str, float] = {}
    """How long he may be not ready within a shift, by reason (the digit keyed in after *83)."""


class ServiceLevel(Value, frozen=True, kw_only=True):
    seconds: float = 20
    target: float = 80
    """Per cent."""
    variant: int = 1
    short_abandon_seconds: float = 5


class Overflow(Value, frozen=True, kw_only=True):
    """Where a caller goes who waited too long: voicemail (box), extension, number, flow, queue, or
    hangup."""

    to: str = "hangup"
    box: BoxName | None = None
    extension: ExtensionNumber | None = None
    flow: FlowId | None = None
    queue: QueueId | None = None
    number: str = ""
    """Outside, as a phone would dial it; the [[outbound]] rule's `allow` says whether it may be."""


class Queue(Value, frozen=True, kw_only=True):
    """[[queue]]"""

    id: QueueId
    name: str = ""
    agents: tuple[AgentId, ...] = ()
    strategy: str = "longest-idle"
    ring_seconds: float = 20
    wrap_up_seconds: float = 15
    max_wait_seconds: float = 300
    max_waiting: int = 100
    announce_position_seconds: float = 30
    """Position is told at once and then so often; 0: never."""
    announce_wait: bool = False
    """The expected wait is told with the position, where it is known."""
    comfort: tuple[str, ...] = ()
    """Sentences told to who waits, one after the other and from the first again."""
    comfort_prompts: tuple[str, ...] = ()
    """Own prompts of the box, by name: told in turn behind those sentences."""
    comfort_seconds: float = 45
    """So long after each other."""
    whisper: str = ""
    """Told to the agent who picked up, before the caller hears him; how long that one has waited
    is said with it. Empty: nothing is."""
    whisper_prompt: str = ""
    """An own prompt that says it; while the box does not have it, `whisper` is spoken."""
    overflow: Overflow = Overflow()
    overflow_full: Overflow | None = None
    """Where a caller goes who finds max_waiting others; left out: as `overflow` says."""
    overflow_no_agent: Overflow | None = None
    """Where he goes when nobody of the queue is signed in; left out: as `overflow` says."""
    overflow_when_unstaffed: bool = False
    """True: nobody waits while no agent of the queue is signed in."""
    service_level: ServiceLevel = ServiceLevel()
    record: bool = True
    announce_agent: bool = True
    """工号播报 to the caller before the bridge."""
    miss_limit: int = 0
    """An agent who let so many calls in a row ring in vain is made not ready; 0: never."""
    reject_pause_seconds: float = 20
    """An agent who rejected is not offered a call of this queue for so long."""
    music: str = ""
    """Its callers' music on hold; empty: the site's."""
    number: str = ""
    """Calls can be transferred to the queue by this number; empty: by its id alone."""
    weight: float = 1.0
    """Against other queues that share its agents: a caller's wait counts so many times."""
    priority_seconds: float = 0
    """Every caller of this queue counts as having waited so long already."""
    vip_numbers: tuple[str, ...] = ()
    """Callers by number, as Live shows it."""
    vip_credit_seconds: float = 120
    """VIP callers count as having waited so long already; the limits are as for all."""
    vip_agents: tuple[AgentId, ...] = ()
    """strategy "vip": rung first for VIP callers and last for others."""
    penalties: dict[AgentId, int] = {}
    """Who has more of it is rung only while nobody with less is free. Left out: 0."""
    agent_weights: dict[AgentId, float] = {}
    """strategy "weighted": shares against each other. Left out: 1."""
    skills: dict[str, int] = {}
    """Least level of each skill that an agent needs, whatever the strategy. 0: none."""
    relax_after_seconds: float = 0
    """After each such wait of a caller the levels asked for fall by relax_by; 0: never."""
    relax_by: int = 1
    last_agent_days: float = 30
    """strategy "last-agent": how long a caller's last agent is remembered."""
    callback: Callback | None = None
    """None: nobody is called back."""
    survey: SurveyId | None = None
    """What its callers are asked after the talk; None: nothing."""


class Trunk(Value, frozen=True, kw_only=True):
    """[[trunk]]. `secret` stands in the secrets file, found by id."""

    id: TrunkId
    kind: str = "sip"
    host: str
    port: int = 0
    """0: as the carrier's DNS says (SRV), else 5060, or 5061 for tls."""
    transport: str = "udp"
    """udp, tcp, tls; auto: as the carrier's DNS says (NAPTR)."""
    certificate: str = ""
    """PEM: over TLS believe this one, or what it has signed, and no other. Empty: whatever the
    machine's store of authorities vouches for."""
    register: bool = False
    username: str = ""
    realm: str = ""
    """Credentials are given to this realm only; empty: the host's first challenge, remembered."""
    trusted_addresses: tuple[str, ...] = ()
    codecs: tuple[Codec, ...] = (Codec.PCMA, Codec.PCMU)
    channels: int = 30
    caller_number: str = ""
    identity: str = "from"
    """Where this trunk looks for the caller's number: from, pai (P-Asserted-Identity), rpid
    (Remote-Party-ID)."""
    number_form: str = "dialled"
    """How this trunk wants called numbers: dialled (as they were keyed in), national
    (02188886666), e164 (862188886666), plus (+862188886666)."""
    srtp: bool = False
    """Its audio is encrypted, or refused."""
    keys: str = "auto"
    """How keys reach it, as at an extension."""
    watch: bool = False
    """Ask it with OPTIONS whether it lives, where we do not register there."""


class Flow(Value, frozen=True, kw_only=True):
    """[[flow]]: nodes are validated by engines.ivr.nodes."""

    id: FlowId
    start: NodeName
    node: dict[NodeName, dict[str, object]] = {}
    language: Language | None = None


class OpenHours(Value, frozen=True, kw_only=True):
    """days: "mon-fri", "sat", "mon,wed"; from/to "HH:MM"; to before from crosses midnight."""

    days: str
    from_: str
    to: str


class Calendar(Value, frozen=True, kw_only=True):
    id: CalendarId
    open: tuple[OpenHours, ...] = ()
    holidays: str = ""
    """Country whose public holidays close it; empty: none."""
    closed_dates: tuple[str, ...] = ()
    open_dates: tuple[str, ...] = ()


class Route(Value, frozen=True, kw_only=True):
    """[[route]]: what an inbound number reaches. number "*" is any."""

    trunk: TrunkId
    number: str
    flow: FlowId


class Outbound(Value, frozen=True, kw_only=True):
    """[[outbound]]: first match wins."""

    prefix: str
    strip: int = 0
    trunks: tuple[TrunkId, ...] = ()
    allow: tuple[str, ...] = ("local", "national")


class Webhook(Value, frozen=True, kw_only=True):
    """[[webhook]]: who is told of events. `secret` stands in the secrets file, found by id."""

    id: WebhookId
    url: str
    events: tuple[str, ...] = ()
    """Names of vocabulary.public_events.PUBLIC_EVENTS; empty: all of them."""
    enabled: bool = True


class RingGroup(Value, frozen=True, kw_only=True):
    """[[ring_group]]: phones that ring for one number, without waiting music or statistics of a
    queue. Members' own forwarding is not followed."""

    id: GroupId
    number: ExtensionNumber
    name: str = ""
    members: tuple[ExtensionNumber, ...] = ()
    strategy: str = "ring_all"
    """ring_all, in_order (one after the other), round_robin (in order, from the next one on)."""
    ring_seconds: float = 25
    """ring_all: altogether; else each phone."""
    otherwise: Overflow = Overflow()
    """Where a caller goes whom nobody answered; hangup: as for any phone that is not answered."""


class Parking(Value, frozen=True, kw_only=True):
    """[parking]: places where a call waits until somebody fetches it at any phone."""

    number: ExtensionNumber = ExtensionNumber("700")
    """Transferring a call here parks it at the first free place."""
    slots: str = "701-705"
    """First and last place; dialling one fetches its call. Extensions of these numbers win."""
    return_seconds: float = 60
    """Then the phone that parked rings."""


class TalkCodes(Value, frozen=True, kw_only=True):
    """[talk_codes]: keys that a phone of ours presses within a talk; * and # and digits."""

    transfer: str = "##"
    """A number and # follow: the other party is handed on at once."""
    consult: str = "*2"
    """A number and # follow: the other party waits while a third one is asked."""
    give_up: str = "*0"
    """Leave the third party."""
    conference: str = "*3"
    """All three talk."""
    park: str = "*7"
    """The other party waits at a park place."""
    pause_recording: str = "*1"
    """Silence in the recording, and back: card numbers are being said."""
    switch_recording: str = "*4"
    """The recording ends, or a new one begins."""
    survey: str = "*88"
    """The caller goes to the survey of his queue, and the phone is free."""


class EmergencyMode(Value, frozen=True, kw_only=True):
    """[emergency_mode]: *09 and the PIN send every caller to one flow, until they are keyed in
    again."""

    flow: FlowId = FlowId("")
    """Empty: there is no such mode."""
    pin_digest: str = ""
    """scrypt:salt:hash, made by vocabulary.pins."""


class Site(Value, frozen=True, kw_only=True):
    """One whole site."""

    site: SiteFacts = SiteFacts()
    extension: tuple[Extension, ...] = ()
    agent: tuple[Agent, ...] = ()
    queue: tuple[Queue, ...] = ()
    trunk: tuple[Trunk, ...] = ()
    flow: tuple[Flow, ...] = ()
    calendar: tuple[Calendar, ...] = ()
    route: tuple[Route, ...] = ()
    outbound: tuple[Outbound, ...] = ()
    ring_group: tuple[RingGroup, ...] = ()
    parking: Parking = Parking()
    talk_codes: TalkCodes = TalkCodes()
    webhook: tuple[Webhook, ...] = ()
    survey: tuple[Survey, ...] = ()
    emergency_mode: EmergencyMode = EmergencyMode()
    table: tuple[LookupTable, ...] = ()
    service: tuple[Service, ...] = ()
    voicemail_box: tuple[VoicemailBoxFacts, ...] = ()
    mail: Mail = Mail()
    prompt_recording: PromptRecording = PromptRecording()
    version: int = 0
    """0: nothing configured; each applied change counts up."""
    flow_versions: dict[FlowId, int] = {}
    """Which version each of its flows is (vocabulary.flow_versions); the store numbers them."""

    @property
    def is_empty(self) -> bool:
        """True for a box that nobody has configured."""
        return not (self.extension or self.trunk or self.flow)
