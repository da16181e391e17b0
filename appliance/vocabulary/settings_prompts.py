"""What a site decides of recording its prompts by phone (settings.py has the rest)."""

from appliance.vocabulary.shape import Value


class PromptRecording(Value, frozen=True, kw_only=True):
    """[prompt_recording]: *77 and the PIN at any phone of ours record a prompt."""

    pin_digest: str = ""
    """scrypt:salt:hash, made by vocabulary.pins. Empty: nobody records by phone."""
    numbers: dict[str, str] = {}
    """Prompts by the number keyed in; one that is not here is its own name."""
