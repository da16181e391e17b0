"""A voicemail message as an e-mail with its sound (RFC 5322, MIME), and one attempt to send it.

The sound goes as a WAV of 16-bit samples at 8 kHz: every mail program plays that, A-law many do
not. Subject and text are in the site's language.
"""

import hashlib
import io
import smtplib
import ssl
import wave
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from appliance.engines.recording.assembly import WAV_HEADER
from appliance.reports.timeline_line import duration
from appliance.reports.words import words_for
from appliance.signals.g711 import ALAW_TO_LINEAR
from appliance.store.mail_queue import Letter
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.settings import Site
from appliance.vocabulary.settings_messages import Mail

TIMEOUT_S = 20.0
PORTS = {"tls": 465, "starttls": 587, "none": 25}


class Unsendable(Exception):
    """The server will never take this letter; it says why."""


def letter_of(letter: Letter, site: Site, sound: bytes) -> EmailMessage:
    """Return the e-mail; `sound` is the sealed file. Raises PeerError for what is no such file."""
    say = words_for(site.site.language)
    boxes = {one.id: one.name for one in site.voicemail_box}
    at = datetime.fromtimestamp(letter.at, ZoneInfo(site.site.timezone))
    values = {
        "caller": letter.caller or say("withheld number"),
        "box": boxes.get(letter.box) or letter.box,
        "site": site.site.name,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "duration": duration(letter.seconds),
    }
    written = EmailMessage()
    written["Subject"] = say("Voicemail from {caller}, {duration}, box {box}").format_map(values)
    written["From"] = site.mail.from_
    written["To"] = letter.recipient
    written["Date"] = format_datetime(datetime.fromtimestamp(letter.changed, UTC))
    written["Message-ID"] = message_id(letter, site.mail)
    written["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    written.set_content(
        say("{caller} left a message of {duration} in the box {box} of {site} on {at}.").format_map(
            values
        )
        + "\n"
    )
    name = f"{at:%Y%m%d-%H%M}-{letter.recording}.wav"
    written.add_attachment(pcm_wav(sound), maintype="audio", subtype="wav", filename=name)
    return written


def message_id(letter: Letter, mail: Mail) -> str:
    """Return the same name for the same letter, however often it is sent."""
    told = hashlib.sha256(letter.recipient.lower().encode()).hexdigest()[:12]
    domain = mail.from_.rpartition("@")[2] or "linghe.invalid"
    return f"<{letter.recording}.{told}@{domain}>"


def pcm_wav(sealed: bytes) -> bytes:
    """Return the caller's side of a sealed recording as 16-bit samples."""
    columns = int.from_bytes(sealed[22:24], "little")
    if sealed[:4] != b"RIFF" or not 1 <= columns <= 2:
        raise PeerError("not a recording as the box seals them")
    size = int.from_bytes(sealed[54:58], "little")
    coded = np.frombuffer(sealed, np.uint8)[WAV_HEADER : WAV_HEADER + size][::columns]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.take(ALAW_TO_LINEAR, coded).astype("<i2").tobytes())
    return out.getvalue()


def send(written: EmailMessage, mail: Mail, secret: str) -> None:
    """Hand it to the site's server. Raises Unsendable, or OSError and SMTPException for what may
    go better next time."""
    port = mail.port or PORTS[mail.security]
    safe = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(mail.server, port, timeout=TIMEOUT_S, context=safe)
        if mail.security == "tls"
        else smtplib.SMTP(mail.server, port, timeout=TIMEOUT_S)
    ) as server:
        if mail.security == "starttls":
            server.starttls(context=safe)
        if mail.username:
            server.login(mail.username, secret)
        try:
            server.send_message(written)
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = next(iter(refused.recipients.values()))
            _for_good(code, text)
            raise
        except smtplib.SMTPDataError as refused:
            # too large, or refused for what is in it; a wrong sender or password can be put right
            if refused.smtp_code in (552, 554):
                _for_good(refused.smtp_code, refused.smtp_error)
            raise


def _for_good(code: int, text: bytes | str) -> None:
    """Raise Unsendable where the server says never (RFC 5321 section 4.2.1: 5yz)."""
    if 500 <= code < 600:
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        raise Unsendable(f"{code} {said}".strip()[:200])


def sealed_sound(recordings: Path, file: str) -> bytes | None:
    """Return a sealed file of the store; None where it is not there (any more)."""
    folder = recordings.resolve()
    path = (folder / file).resolve()
    if not file or not path.is_relative_to(folder) or not path.is_file():
        return None
    return path.read_bytes()
