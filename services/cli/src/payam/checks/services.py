"""The services' own word on their readiness, and whether Kavenegar can be reached."""

from collections.abc import AsyncIterator, Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from payam.checks.finding import Finding
from payam.probes import service_reason
from payam.topology import ServicePlan, url_of


async def service_findings(
    http: httpx.AsyncClient, services: Sequence[ServicePlan], environment: Mapping[str, str]
) -> AsyncIterator[Finding]:
    """/readyz of every service, with its reasons."""
    for plan in services:
        url = environment.get(f"{plan.prefix}_URL") or url_of(plan, environment)
        reason = await service_reason(http, url)
        mend = "" if reason is None else f"Read the log of {plan.name}; its /readyz is at {url}/readyz."
        yield Finding(plan.name, reason or "ready", mend)


async def kavenegar_finding(http: httpx.AsyncClient, base_url: str) -> Finding:
    """Whether Kavenegar's API answers the one call that needs no key."""
    host = urlsplit(base_url).netloc
    try:
        answer = await http.get(f"{base_url.rstrip('/')}/v1/0/utils/getdate.json", timeout=5.0)
    except httpx.HTTPError as error:
        mend = "Open the way out to it, or mend KAVENEGAR_BASE_URL."
        return Finding("Kavenegar", f"{host} does not answer ({type(error).__name__})", mend)
    if answer.is_success:
        return Finding("Kavenegar", f"{host} answers")
    return Finding(
        "Kavenegar", f"{host} answers {answer.status_code}", "See Kavenegar's status page and our IP there."
    )
