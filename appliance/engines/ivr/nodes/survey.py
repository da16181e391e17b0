"""survey: asks the caller how it was, and leads on."""

from typing import ClassVar

from appliance.engines.ivr.commands import AskSurvey
from appliance.engines.ivr.nodes.node import SpokenNode, Target, Turn, Wrong
from appliance.vocabulary.ids import NodeName, SurveyId
from appliance.vocabulary.settings import Site


class SurveyNode(SpokenNode, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: survey, next, text."""

    kind: ClassVar[str] = "survey"

    survey: SurveyId
    next: NodeName

    def targets(self) -> list[Target]:
        """On, whatever he said; that took its time."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """The survey must be there."""
        names = [survey.id for survey in site.survey]
        if self.survey in names:
            return []
        return [
            Wrong(key="survey", expected=f"a survey of this site: {', '.join(names) or 'none'}")
        ]

    def work(self, turn: Turn) -> None:
        """Ask, once; the flow waits."""
        turn.do(AskSurvey(survey=self.survey))

    def extension_missed(self, turn: Turn) -> None:
        """He has said it, or nothing."""
        turn.go(self.next, "next")
