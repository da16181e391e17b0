"""What is remembered of customers beyond their calls: who is called back, who was asked lately."""

from appliance.engines.calls.callback_book import CallbackBook
from appliance.engines.calls.survey_memory import SurveyMemory
from appliance.vocabulary.ids import CallbackId

SLOT_KINDS = ("back:", "asked:")


class CustomerBooks:
    """Both books, and their slots. They outlive a power cut."""

    def __init__(self) -> None:
        self.callbacks = CallbackBook()
        self.surveys = SurveyMemory()

    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        return self.callbacks.take_touched() | self.surveys.take_touched()

    def slot(self, name: str) -> bytes | None:
        """Return a slot's content."""
        kind, _, key = name.partition(":")
        if kind == "back":
            return self.callbacks.slot(CallbackId(key))
        return self.surveys.slot(key)

    def restore(self, name: str, content: bytes) -> None:
        """Put a slot back."""
        kind, _, key = name.partition(":")
        if kind == "back":
            self.callbacks.restore(content)
        else:
            self.surveys.restore(key, content)
