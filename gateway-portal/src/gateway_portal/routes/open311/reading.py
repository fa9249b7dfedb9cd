"""What a client filled in becomes a submission, or everything that is wrong with it at once.

A person's position, name, e-mail and device are not needed to answer, and so not kept.
"""

import hashlib
import hmac
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar, get_args

from envelope.addresses import Address, parse_msisdn
from envelope.models import Declared, Language
from envelope.taxonomy import Audience, Kind, Topic
from envelope.tracking import parse
from gateway_portal.errors import FormRefusedError
from gateway_portal.handlers.submitting import person
from gateway_portal.model import Caller, Scope, Submission
from gateway_portal.schemas.api.messages import LONGEST_TEXT, GivenKind
from gateway_portal.words import say
from persian.dates import tehran_date
from persian.words import PROVINCES

KINDS: Final[tuple[Kind, ...]] = get_args(GivenKind)
"""What a person may want."""
_LONGEST: Final = 500
"""Letters of any other field."""
_LONGEST_URL: Final = 2_000
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\]]*)\](?:\[\])?")
_ATTRIBUTES: Final = frozenset({"kind", "audience", "province", "tracking_code"})
_ACCOUNT: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,100}")
_IRAN_MOBILE: Final = "+989"
_NO_PART: Final = frozenset({"api_key", "jurisdiction_id"})
"""Fields that say nothing of the matter: sent otherwise, it is the same request."""
Term = TypeVar("Term", bound=StrEnum)


def read(fields: Mapping[str, str], caller: Caller) -> Submission:
    """A form of Open311 as ours.

    Raises:
        FormRefusedError: with everything that is wrong.
    """
    told = {name: value.strip() for name, value in fields.items() if value.strip()}
    faults: list[str] = []
    topic = _topic(told, faults)
    sender = _sender(told, caller, faults)
    declared, refers_to = _attributes(told, topic, faults)
    text = _text(told, faults)
    if not _placed(told):
        faults.append("position")
    if faults or sender is None:
        raise FormRefusedError(faults, unknown="unknown_service" in faults)
    return Submission(
        sender=sender, text=text, declared=declared, refers_to=refers_to, reference=None, occurred_at=None
    )


def fingerprint(fields: Mapping[str, str]) -> bytes:
    """SHA-256 of what was filled in, however it was ordered."""
    kept = sorted((name, value) for name, value in fields.items() if value.strip() and name not in _NO_PART)
    return hashlib.sha256(repr(kept).encode()).digest()


def key_of(fields: Mapping[str, str], hidden_by: bytes, at: datetime) -> str:
    """The idempotency key of a client that sends none: the same form on the same day is the same request.

    `hidden_by`, known to the partner alone, keeps anybody from guessing the words by trying.
    """
    day = tehran_date(at).isoformat().encode()
    return "open311-" + hmac.digest(hidden_by, fingerprint(fields) + day, "sha256").hex()


def _topic(told: Mapping[str, str], faults: list[str]) -> Topic | None:
    if "service_code" not in told:
        faults.append("no_service")
        return None
    topic = _term(Topic, told["service_code"], list(Topic))
    if topic is None:
        faults.append("unknown_service")
    return topic


def _sender(told: Mapping[str, str], caller: Caller, faults: list[str]) -> Address | None:
    phone, account = told.get("phone"), told.get("account_id")
    vouches = Scope.VOUCH in caller.scopes
    if phone is not None and vouches:
        mobile = parse_msisdn(phone)
        if mobile is not None and mobile.startswith(_IRAN_MOBILE):
            return person(caller, mobile=mobile, account=None)
        faults.append("phone")
    elif account is None:
        faults.append("no_person" if phone is None else "phone_scope")
    elif _ACCOUNT.fullmatch(account) and account.isprintable():
        return person(caller, mobile=None, account=account)
    else:
        faults.append("account")
    return None


def _attributes(
    told: Mapping[str, str], topic: Topic | None, faults: list[str]
) -> tuple[Declared, str | None]:
    chosen = {match[1]: value for name, value in told.items() if (match := _ATTRIBUTE.fullmatch(name))}
    kind = _term(Kind, chosen.get("kind"), KINDS)
    audience = _term(Audience, chosen.get("audience"), list(Audience))
    province = chosen.get("province")
    faults += ["attribute"] * len(chosen.keys() - _ATTRIBUTES)
    faults += ["attribute"] * sum(
        (
            "kind" in chosen and kind is None,
            "audience" in chosen and audience is None,
            province is not None and province not in PROVINCES,
        )
    )
    refers_to = parse(chosen["tracking_code"]) if "tracking_code" in chosen else None
    if "tracking_code" in chosen and refers_to is None:
        faults.append("tracking_code")
    declared = Declared(
        topic=topic, kind=kind, audience=audience, province=province if province in PROVINCES else None
    )
    return declared, refers_to


def _text(told: Mapping[str, str], faults: list[str]) -> str:
    """The description; an address and a link, which an envelope has no place for, in lines of their own."""
    description, address, media = told.get("description"), told.get("address_string"), told.get("media_url")
    if description is None:
        faults.append("no_description")
    elif len(description) > LONGEST_TEXT:
        faults.append("long_description")
    if len(address or "") > _LONGEST or len(media or "") > _LONGEST_URL:
        faults.append("long_field")
    lines = [description or ""]
    if address:
        lines.append(say(Language.FA, "open311.address", address=address))
    if media:
        lines.append(say(Language.FA, "open311.media", media=media))
    return "\n\n".join(lines)


def _placed(told: Mapping[str, str]) -> bool:
    """Whether a position is none, or one on earth."""
    given = told.get("lat"), told.get("long")
    if given == (None, None):
        return True
    try:
        lat, long = (float(value or "nan") for value in given)
    except ValueError:
        return False
    return math.isfinite(lat) and math.isfinite(long) and abs(lat) <= 90 and abs(long) <= 180  # noqa: PLR2004


def _term(terms: type[Term], value: str | None, allowed: Sequence[Term]) -> Term | None:
    return terms(value) if value is not None and value in allowed else None
