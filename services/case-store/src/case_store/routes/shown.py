"""A case as an answer: whole, with the ETag that says which version it is."""

from fastapi import Response

from case_store.handlers.cases import Cases
from case_store.schemas.cases import CaseGiven
from case_store.staffing import Actor


async def shown(
    cases: Cases, actor: Actor, code: str, response: Response, *, anywhere: bool = False
) -> CaseGiven:
    """What became of a case, for whoever did it."""
    case = CaseGiven.model_validate(await cases.find(actor, code, anywhere=anywhere))
    response.headers["ETag"] = f'"{case.version}"'
    return case
