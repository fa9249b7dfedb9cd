"""What we ask of Kavenegar: send (one or many), read out, say how messages stand, hand over the inbox."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from gateway_sms.errors import FieldError, ProviderUnavailableError
from gateway_sms.payloads import Fields, token
from gateway_sms.providers.kavenegar.api import Entry, HttpxKavenegar, Params
from gateway_sms.providers.kavenegar.reader import line_of
from gateway_sms.providers.kavenegar.tables import GONE, state_of
from gateway_sms.providers.port import Mo, Mt, Receipt

_MOST_PAGES: Final = 500
_UNREADABLE: Final = "entries that cannot be read"
_log = structlog.get_logger()


class KavenegarWriter:
    """Messages in Kavenegar's parameters, its entries as receipts."""

    def __init__(self, api: HttpxKavenegar) -> None:
        self._api = api

    async def send(self, messages: Sequence[Mt]) -> Sequence[Receipt]:
        """See `Writer.send`: `sms/send` for one, `sms/sendarray` for up to 200, `call/maketts` by voice."""
        if messages[0].spoken:
            entries = await self._api.call_maketts(_read_out(messages[0]))
        elif len(messages) == 1:
            entries = await self._api.sms_send(_one(messages[0]))
        else:
            entries = await self._api.sms_sendarray(_many(messages))
        if len(entries) != len(messages):
            # Without one entry each nobody can say which is whose; our ids can, when asked.
            reason = f"{len(entries)} entries for {len(messages)} messages"
            raise ProviderUnavailableError(reason, maybe_taken=True)
        return _receipts(entries)

    async def ask(
        self, *, provider_ids: Sequence[str] = (), local_ids: Sequence[int] = ()
    ) -> Sequence[Receipt]:
        """See `Writer.ask`: `sms/status` reaches 48 hours back, `sms/statuslocalmessageid` 12."""
        entries: list[Entry] = []
        if provider_ids:
            entries += await self._api.sms_status({"messageid": _listed(provider_ids)})
        if local_ids:
            entries += await self._api.sms_statuslocalmessageid({"localid": _listed(local_ids)})
        return _receipts(entries)

    async def pull(self, line: str, since: datetime, until: datetime) -> AsyncIterator[Sequence[Mo]]:
        """See `Writer.pull`: pages until one brings nothing new, for page sizes have changed before."""
        window = {"startdate": int(since.timestamp()), "enddate": int(until.timestamp())}
        for is_read in (1, 0):
            known: set[str] = set()
            for page in range(1, _MOST_PAGES + 1):
                params: Params = {"linenumber": line, "isread": is_read, "pagenumber": page, **window}
                found = list(_mos(await self._api.sms_inboxpaged(params), line))
                fresh = [mo for mo in found if mo.provider_message_id not in known]
                if not fresh:
                    break
                known.update(mo.provider_message_id for mo in fresh)
                yield fresh


def _one(message: Mt) -> Params:
    params: dict[str, object] = {
        "receptor": _receptor(message.to),
        "sender": message.line,
        "message": message.text,
        "localid": message.local_id,
    }
    return params | _date(message)


def _many(messages: Sequence[Mt]) -> Params:
    params: dict[str, object] = {
        "receptor": [_receptor(message.to) for message in messages],
        "sender": [message.line for message in messages],
        "message": [message.text for message in messages],
        "localmessageids": [message.local_id for message in messages],
    }
    return params | _date(messages[0])


def _read_out(message: Mt) -> Params:
    """A voice call has no sender: Kavenegar rings from a number of its own."""
    params: dict[str, object] = {
        "receptor": _receptor(message.to),
        "message": message.text,
        "localid": message.local_id,
    }
    return params | _date(message)


def _date(message: Mt) -> dict[str, object]:
    """Kavenegar holds a message itself until its `date`; one call has one."""
    return {} if message.held_until is None else {"date": int(message.held_until.timestamp())}


def _receptor(msisdn: str) -> str:
    """`+98912…` as `0912…`, another country's as `00…`: the forms that its document shows."""
    return "0" + msisdn[3:] if msisdn.startswith("+98") else "00" + msisdn.removeprefix("+")


def _listed(ids: Iterable[object]) -> str:
    return ",".join(map(str, ids))


def _receipts(entries: Iterable[Entry]) -> list[Receipt]:
    try:
        return [_receipt(entry) for entry in entries]
    except (KeyError, TypeError, ValueError):
        raise ProviderUnavailableError(_UNREADABLE, maybe_taken=True) from None


def _receipt(entry: Entry) -> Receipt:
    status = str(entry["status"])
    local_id, cost = entry.get("localid"), entry.get("cost")
    return Receipt(
        provider_message_id=str(entry["messageid"]),
        state=state_of(status),
        status=status,
        known=status != GONE,
        local_id=None if local_id is None else int(local_id),
        cost_rial=None if cost is None else int(cost),
    )


def _mos(entries: Iterable[Entry], line: str) -> Iterator[Mo]:
    """An entry that cannot be read is told and left out: it must not hide the others."""
    for entry in entries:
        fields: Fields = {name.lower(): str(value) for name, value in entry.items() if value is not None}
        try:
            yield Mo(
                provider_message_id=token(fields, "messageid"),
                sender=token(fields, "sender", "from"),
                line=line_of(fields.get("receptor", line)),
                text=fields.get("message", ""),
                occurred_at=datetime.fromtimestamp(int(fields["date"]), UTC) if "date" in fields else None,
            )
        except (FieldError, ValueError, OverflowError, OSError) as error:
            _log.warning("inbox_entry_unreadable", provider="kavenegar", error=type(error).__name__)
