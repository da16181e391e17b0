"""Voicemail by e-mail to a real SMTP server on loopback: sound, retries, kills, what is refused."""

import io
import sqlite3
import wave
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mail_server import MailServer
from msgspec.structs import replace

from appliance.daemons.command_line.mail_found import mail_found
from appliance.daemons.jobs import messages
from appliance.daemons.jobs.messages import MessageTurn, retry_after
from appliance.daemons.paths import Paths
from appliance.engines.recording.assembly import wav_header
from appliance.reports.record import record_of
from appliance.signals.g711 import encode_alaw
from appliance.store.journal_tail import JournalTail
from appliance.store.ledger import Ledger
from appliance.store.mail_queue import MailQueue
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.facts_messages import MessageArrived, MessageDeleted
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.settings import Language, Site, SiteFacts
from appliance.vocabulary.settings_messages import Mail, VoicemailBoxFacts

NOW = 1795399200.0
FILE = "2026-11-23/r1.wav"
TONE = (8000 * np.sin(2 * np.pi * 700 * np.arange(8000 * 3) / 8000)).astype(np.int16)


class Stand:
    """A data folder with a site, a journal and a sealed message."""

    def __init__(self, folder, server):
        self.paths = Paths(folder)
        self.paths.make()
        self.ledger = Ledger(self.paths.calls, record_of)
        self.settings = SettingsStore(self.paths.settings)
        self.mail = Mail(
            server="127.0.0.1", port=server.port, security="none", from_="box@shop.test"
        )
        self.box = VoicemailBoxFacts(id="shop", name="Lada", email=("a@x.test", "b@x.test"))
        self.has(Language.EN)
        self.written = 0
        self.turn = None
        self.restarted()
        self.seals("r1")

    def has(self, language):
        site = Site(
            site=SiteFacts(name="Bread & Co", language=language),
            voicemail_box=(self.box,),
            mail=self.mail,
        )
        self.settings.save(site, by="test", at=NOW)

    def seals(self, recording):
        folder = self.paths.recordings / "2026-11-23"
        folder.mkdir(exist_ok=True)
        coded = encode_alaw(TONE).tobytes()
        (folder / f"{recording}.wav").write_bytes(wav_header(len(coded), 1) + coded)
        (folder / f"{recording}.json").write_text("{}")

    def restarted(self):
        """Jobs was killed: a new one opens everything."""
        self.unnoted = {}
        self.begun_anew()

    def begun_anew(self):
        """After trouble the same process opens everything."""
        queue = MailQueue(self.paths.mail, is_writer=True)
        self.queue = queue
        tail = JournalTail(self.paths.calls)
        self.turn = MessageTurn(self.paths, queue, tail, self.settings, self.unnoted)
        self.turn.begin()

    def has_no_room(self, what):
        """From now on SQLite refuses to change this column of the letters, as on a full disk."""
        with sqlite3.connect(self.paths.mail) as other:
            other.execute(
                f"CREATE TRIGGER no_room BEFORE UPDATE OF {what} ON letters"
                " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        other.close()

    def has_room(self):
        with sqlite3.connect(self.paths.mail) as other:
            other.execute("DROP TRIGGER no_room")
        other.close()

    def happens(self, fact):
        self.written += 1
        entry = Entry(at=NOW, mono=1.0, call="c1", fact=fact, key=f"k{self.written}")
        self.ledger.append([entry])

    def arrives(self, recording="r1", caller="13900001111", box="shop"):
        self.happens(
            MessageArrived(
                recording=recording,
                box=box,
                caller=caller,
                seconds=3.0,
                file=f"2026-11-23/{recording}.wav",
            )
        )

    def turns(self, after=0.0):
        self.turn.read(NOW + after)
        self.turn.post(NOW + after)


@pytest.fixture
def server():
    server = MailServer().start()
    yield server
    server.stop()


@pytest.fixture
def stand(tmp_path, server):
    return Stand(tmp_path / "var", server)


def test_each_address_of_the_box_gets_the_message_with_its_sound(stand, server):
    stand.arrives()
    stand.turns()
    assert sorted(server.recipients) == ["a@x.test", "b@x.test"]
    letter = server.taken[0]
    assert letter["Subject"] == "Voicemail from 13900001111, 0:03, box Lada"
    assert letter["From"] == "box@shop.test" and letter["Auto-Submitted"] == "auto-generated"
    assert "on 2026-11-23 10:00" in letter.get_body().get_content()
    (sound,) = letter.iter_attachments()
    assert sound.get_content_type() == "audio/wav"
    with wave.open(io.BytesIO(sound.get_content())) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        heard = np.frombuffer(file.readframes(8000 * 3), "<i2")
    assert np.abs(heard.astype(int) - TONE).max() < 300
    stand.turns(after=86400)
    assert len(server.taken) == 2, "once each"


@pytest.mark.parametrize(
    ("language", "said"), [(Language.ZH, "的留言"), (Language.PL, "Wiadomość głosowa od")]
)
def test_it_is_written_in_the_sites_language(stand, server, language, said):
    stand.has(language)
    stand.arrives()
    stand.turns()
    assert said in server.taken[0]["Subject"]


def test_a_server_that_is_away_gets_it_when_it_is_back_over_a_kill(stand, server):
    server.stop()
    stand.arrives()
    stand.turns()
    sentence, remedy = mail_found(stand.paths)
    assert sentence.startswith("2 wait") and remedy
    stand.restarted()
    stand.turns(after=10)
    assert stand.queue.waiting()[0].attempts == 1, "not before its time"
    server.start()
    stand.turns(after=31)
    assert sorted(server.recipients) == ["a@x.test", "b@x.test"]
    assert mail_found(stand.paths) == ("nothing waits.", "")


def test_a_kill_between_reading_and_sending_loses_none_and_makes_none_twice(stand, server):
    stand.arrives()
    stand.turn.read(NOW)
    stand.restarted()
    stand.turn.read(NOW)
    stand.turn.post(NOW)
    stand.restarted()
    stand.turns(after=5)
    assert sorted(server.recipients) == ["a@x.test", "b@x.test"]


def test_what_a_kill_kept_from_being_noted_has_the_same_message_id(stand, server, monkeypatch):
    stand.arrives()
    stand.turn.read(NOW)
    kept = stand.queue.due(NOW)[:1]
    monkeypatch.setattr(stand.queue, "due", lambda now: kept)
    stand.turn.post(NOW)
    stand.turn.post(NOW)
    first, second = (one["Message-ID"] for one in server.taken)
    assert first == second and first.endswith("@shop.test>")


def test_a_disk_that_fills_up_while_a_letter_is_sent_has_none_sent_twice(stand, server):
    stand.arrives()
    stand.turn.read(NOW)
    stand.has_no_room("state")
    for after in (0, 5, 60, 3600):
        with pytest.raises(EquipmentError):
            stand.turn.post(NOW + after)
        stand.begun_anew()
    assert server.recipients == ["a@x.test"], "and the other one waits until there is room"
    stand.has_room()
    stand.turns(after=3605)
    assert server.recipients == ["a@x.test", "b@x.test"]
    assert len(stand.queue.sent()) == 2 and not stand.queue.waiting()


def test_while_the_disk_is_full_no_letter_is_sent(stand, server):
    stand.arrives()
    stand.turn.read(NOW)
    stand.has_no_room("next_try")
    with pytest.raises(EquipmentError):
        stand.turn.post(NOW)
    assert server.tried == 0
    stand.has_room()
    stand.turns(after=5)
    assert sorted(server.recipients) == ["a@x.test", "b@x.test"]


def test_what_is_refused_for_good_is_given_up_and_seen(stand, server):
    stand.box = replace(stand.box, email=("a@x.test",))
    stand.has(Language.EN)
    server.refused_recipients = ["550 no such person"]
    stand.arrives()
    stand.turns()
    stand.turns(after=86400)
    assert server.tried == 1
    (letter,) = stand.queue.given_up(0.0)
    assert letter.error == "550 no such person"


def test_a_sender_that_is_refused_can_be_put_right(stand, server):
    stand.box = replace(stand.box, email=("a@x.test",))
    stand.has(Language.EN)
    server.refused_senders = ["553 not you"]
    stand.arrives()
    stand.turns()
    assert stand.queue.given_up(0.0) == [] and "553" in stand.queue.waiting()[0].error
    stand.turns(after=86400)
    assert server.recipients == ["a@x.test"]


def test_what_is_refused_for_now_is_tried_again_ever_later_and_given_up_after_days(stand, server):
    stand.box = replace(stand.box, email=("a@x.test",))
    stand.has(Language.EN)
    server.refusals = ["451 come back later"] * 99
    stand.arrives()
    stand.turn.read(NOW)
    now = 0.0
    for attempt in range(1, 6):
        stand.turn.post(NOW + now)
        assert server.tried == attempt
        stand.turn.post(NOW + now + retry_after(attempt) - 1)
        assert server.tried == attempt
        now += retry_after(attempt)
    stand.turn.post(NOW + messages.GIVE_UP_S + now)
    assert not stand.queue.waiting() and stand.queue.given_up(0.0)[0].error.startswith("(451")


def test_the_password_is_of_the_secrets_file(tmp_path, monkeypatch):
    server = MailServer(password="s3cret").start()
    try:
        stand = Stand(tmp_path / "var", server)
        stand.box = replace(stand.box, email=("a@x.test",))
        stand.mail = replace(stand.mail, username="box")
        stand.has(Language.EN)
        stand.arrives()
        stand.turns()
        assert "535" in stand.queue.waiting()[0].error, "an owner may put it right: tried again"
        Secrets(stand.paths.secrets, bytes).set_mail_secret("s3cret")
        stand.turns(after=60)
        assert server.recipients == ["a@x.test"]
    finally:
        server.stop()


def test_a_deleted_message_loses_its_sound_and_is_not_sent(stand, server):
    server.stop()
    stand.arrives()
    stand.turns()
    stand.happens(MessageDeleted(recording="r1", box="shop", by="owner", file=FILE))
    stand.restarted()
    server.start()
    stand.turns(after=3600)
    assert not (stand.paths.recordings / FILE).exists()
    assert not (stand.paths.recordings / "2026-11-23/r1.json").exists()
    assert not server.taken and not stand.queue.waiting()


def test_nothing_but_the_named_sound_is_ever_removed(stand):
    stand.seals("r2")
    (stand.paths.root / "r3.wav").write_text("x")
    for recording, file in (("r1", "2026-11-23/r2.wav"), ("r3", "../r3.wav"), ("r1", "")):
        stand.happens(MessageDeleted(recording=recording, box="shop", by="owner", file=file))
    stand.turns()
    assert (stand.paths.recordings / "2026-11-23/r2.wav").exists()
    assert (stand.paths.root / "r3.wav").exists() and (stand.paths.recordings / FILE).exists()


def test_other_boxes_and_a_box_before_its_time_send_nothing(tmp_path, server):
    stand = Stand(tmp_path / "var", server)
    stand.paths.mail.unlink()
    stand.arrives()
    stand.restarted()
    stand.turns()
    assert not server.taken, "it was left before anybody was to be told"
    stand.arrives("r1", box="other")
    stand.turns()
    assert not server.taken


def certificate(folder, name):
    """A certificate that vouches for itself, and its key, for a server of this name."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_is_believed_by_the_machines_authorities_alone(tmp_path, monkeypatch, security):
    files = certificate(tmp_path, "localhost")
    server = MailServer(security=security, certificate=files).start()
    try:
        stand = Stand(tmp_path / "var", server)
        stand.box = replace(stand.box, email=("a@x.test",))
        stand.mail = replace(stand.mail, server="localhost", security=security)
        stand.has(Language.EN)
        stand.arrives()
        stand.turns()
        assert "certificate" in stand.queue.waiting()[0].error.lower()
        assert not server.taken
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        stand.turns(after=60)
        assert server.recipients == ["a@x.test"]
    finally:
        server.stop()
