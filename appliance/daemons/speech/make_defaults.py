"""Make the shipped default prompts anew: one zip per language, and one for music.

`python -m appliance.daemons.speech make-defaults --work DIR` is the only way these files come
about. Synthesised samples are kept in DIR, so that an interrupted run goes on where it was and a
change of the telephone chain needs no synthesis.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from appliance.daemons.speech.catalogues import catalogues
from appliance.daemons.speech.kokoro import Samples
from appliance.daemons.speech.render import Voice
from appliance.signals.g711 import encode_alaw
from appliance.signals.music_pieces import PIECES
from appliance.speech.defaults import default_clips, default_sentences
from appliance.speech.index import (
    BYTES_PER_SECOND,
    Index,
    IndexRow,
    ShippedIndex,
    index_bytes,
    music_key,
)
from appliance.vocabulary.ids import PromptHash
from appliance.vocabulary.settings import Language

Chain = Callable[[Samples, int], bytes]
Say = Callable[[str], None]
_DATE = (2026, 1, 1, 0, 0, 0)
"""Every member's date: two builds from the same samples give the same file."""


def make_defaults(
    language: Language, *, voice: Voice, work: Path, out: Path, chain: Chain, say: Say
) -> None:
    """Render one language's default set into out/<language>.zip."""
    sentences = default_sentences(language, catalogues())
    clips = default_clips(language, catalogues())
    sounds: dict[str, bytes] = {}
    done = 0

    def rendered(texts: dict[str, str]) -> Index:
        nonlocal done
        rows: Index = {}
        for key, text in texts.items():
            sound = chain(*_samples(text, language, voice, work))
            prompt = hashlib.sha256(sound).hexdigest()
            sounds[prompt] = sound
            rows[key] = IndexRow(
                hash=PromptHash(prompt),
                seconds=len(sound) / BYTES_PER_SECOND,
                made_by=voice.made_by(language),
            )
            done += 1
            say(f"{language} {done}/{len(sentences) + len(clips)} {rows[key].seconds:.2f} s {text}")
        return rows

    shipped = ShippedIndex(rows=rendered(sentences), clips=rendered(clips))
    (out / f"{language}.zip").write_bytes(zipped(shipped, sounds))


def make_music(out: Path) -> None:
    """Put our own pieces of music into out/music.zip."""
    rows: Index = {}
    sounds: dict[str, bytes] = {}
    for name, piece in PIECES.items():
        sound = encode_alaw(piece()).tobytes()
        prompt = PromptHash(hashlib.sha256(sound).hexdigest())
        seconds = len(sound) / BYTES_PER_SECOND
        rows[music_key(name, 0)] = IndexRow(hash=prompt, seconds=seconds, made_by="music")
        sounds[prompt] = sound
    (out / "music.zip").write_bytes(zipped(ShippedIndex(rows=rows), sounds))


def zipped(shipped: ShippedIndex, sounds: dict[str, bytes]) -> bytes:
    """Return the zip of a default set: index.json and <hash>.alaw each.

    Whole prompts are deflated, because all of them are unpacked at a box's first start; clips,
    of which few are ever read, take LZMA, which is slower and a seventh smaller.
    """
    whole = io.BytesIO()
    laid = {row.hash for row in shipped.rows.values()}
    with zipfile.ZipFile(whole, "w") as archive:
        index = zipfile.ZipInfo("index.json", _DATE)
        archive.writestr(index, index_bytes(shipped), zipfile.ZIP_DEFLATED, 9)
        for prompt, sound in sorted(sounds.items()):
            member = zipfile.ZipInfo(f"{prompt}.alaw", _DATE)
            if prompt in laid:
                archive.writestr(member, sound, zipfile.ZIP_DEFLATED, 9)
            else:
                archive.writestr(member, sound, zipfile.ZIP_LZMA)
    return whole.getvalue()


def _samples(text: str, language: Language, voice: Voice, work: Path) -> tuple[Samples, int]:
    """Return a text's samples, from the work folder where they were made before."""
    name = hashlib.sha256(f"{voice.made_by(language)}|{text}".encode()).hexdigest()
    file = work / f"{name[:32]}.npz"
    if file.exists():
        with np.load(file) as kept:
            return np.asarray(kept["samples"], np.float32), int(kept["rate"])
    samples, rate = voice.synthesise(text, language)
    unfinished = work / f".{name[:32]}.npz"
    np.savez(unfinished, samples=samples, rate=rate)
    unfinished.replace(file)
    return samples, rate
