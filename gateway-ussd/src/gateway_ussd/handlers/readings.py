"""What a step is to the session that is known of its number: decided without I/O."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway_ussd.model import Step, StepKind
from gateway_ussd.repository.record import Phase, Record, mark_of
from gateway_ussd.texts import Notice

_SAME_BEGIN_SECONDS: Final = 30.0
"""A second BEGIN of one session is a copy for so long; later the operator has begun to count anew."""
_SAME_STEP_SECONDS: Final = 1.0


class Start(NamedTuple):
    """A session begins; with the inputs that were dialled, or in the place of one that was dropped."""

    inputs: tuple[str, ...]
    instead_of: Record | None
    resumes: bool


class Go(NamedTuple):
    """A session goes on."""

    record: Record
    inputs: tuple[str, ...]


class Again(NamedTuple):
    """A copy of a step, or an older one: it gets the screen that there is."""

    record: Record


class Over(NamedTuple):
    """A step of a session that is no more."""

    notice: Notice


Reading = Start | Go | Again | Over


@dataclass(frozen=True, slots=True)
class Rules:
    """How long things last, in seconds."""

    session: float
    resume: float

    def read(self, record: Record | None, step: Step, now: float, *, overtaken: bool = False) -> Reading:
        """What to do about a step that is no END; `record` is what is known of the number.

        `overtaken`: somebody else has written while this step was being answered.
        """
        if record is None or now - record.at > max(self.session, self.resume):
            return self._unknown(None, step, now)
        if not record.is_of(step):
            return self._unknown(record, step, now)
        if record.reserved is not None and (step.kind is not StepKind.BEGIN or record.mark == mark_of(step)):
            # What was being handed in is handed in first; what is typed meanwhile answers no screen.
            return Go(record, (step.chain or ())[record.serial :])
        if step.chain is not None:
            return self._of_chain(record, step)
        return self._of_input(record, step, now, overtaken=overtaken)

    def _of_input(self, record: Record, step: Step, now: float, *, overtaken: bool) -> Reading:
        same = record.mark == mark_of(step)
        if step.kind is StepKind.BEGIN:
            copied = same and record.phase is not Phase.DROPPED and now - record.at < _SAME_BEGIN_SECONDS
            return Again(record) if copied else self._start(record, step, now)
        if same and record.ends:
            return Again(record)
        if record.phase is Phase.OVER:
            return Over(Notice.LOST)
        # Nobody types the same twice within a second: a copy has overtaken this one.
        copied = overtaken and same and now - record.at < _SAME_STEP_SECONDS
        return Again(record) if copied else Go(record, (step.typed or "",))

    def _unknown(self, record: Record | None, step: Step, now: float) -> Reading:
        if step.kind is StepKind.BEGIN:
            return self._start(record, step, now)
        if record is not None and f"{step.provider}/{step.session_id}" in record.past:
            return Over(Notice.TAKEN_OVER)
        # A chain tells the whole session, so that it can begin in the middle; a last input does not.
        return Over(Notice.LOST) if step.chain is None else self._start(record, step, now)

    def _start(self, record: Record | None, step: Step, now: float) -> Start:
        inputs = step.chain if step.chain is not None else tuple((step.typed or "").split("*"))
        inputs = () if inputs == ("",) else inputs
        return Start(inputs, record, not inputs and self._is_to_resume(record, now))

    def _is_to_resume(self, record: Record | None, now: float) -> bool:
        """A phone has one session: one that dials while its session lives has lost it, whoever was told."""
        return (
            record is not None
            and record.phase is not Phase.OVER
            and bool(record.state.trail)
            and now - record.at <= self.resume
        )

    def _of_chain(self, record: Record, step: Step) -> Reading:
        inputs = step.chain or ()
        if len(inputs) < record.serial or (len(inputs) == record.serial and record.mark == mark_of(step)):
            return Again(record)
        if record.phase is Phase.OVER or record.mark != mark_of(step, record.serial):
            return Over(Notice.LOST)
        return Go(record, inputs[record.serial :])
