"""What Kavenegar pushes. Its document names no fields: these are what receivers in the wild agree on."""

import re
from typing import Final

from envelope.addresses import latin_digits
from gateway_sms.errors import FieldError
from gateway_sms.payloads import Fields, token
from gateway_sms.providers.kavenegar.tables import state_of
from gateway_sms.providers.port import Dlr, Mo

_LINE_PREFIX: Final = re.compile(r"^(?:\+|00)98(?=\d)")


class KavenegarReader:
    """Reads an MO (`messageid from to message`) and a DLR (`messageid status`)."""

    def read_mo(self, fields: Fields) -> Mo:
        """See `Reader.read_mo`."""
        text = fields.get("message")
        if text is None:
            field = "message"
            raise FieldError(field, "is missing")
        return Mo(
            provider_message_id=latin_digits(token(fields, "messageid")),
            sender=token(fields, "from", "sender"),
            line=line_of(token(fields, "to", "receptor")),
            text=text,
        )

    def read_dlr(self, fields: Fields) -> Dlr:
        """See `Reader.read_dlr`."""
        status = latin_digits(token(fields, "status"))
        return Dlr(latin_digits(token(fields, "messageid")), state_of(status), status)


def line_of(raw: str) -> str:
    """`+9810001420`, `009810001420`, `10001420`, in any digits → `10001420`."""
    return _LINE_PREFIX.sub("", latin_digits(raw).replace(" ", ""))
