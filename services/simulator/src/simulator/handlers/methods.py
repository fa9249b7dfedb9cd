"""Every method of Kavenegar's API that the simulator knows; what is not here is answered 404."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from simulator.handlers.account import Account
from simulator.handlers.reading import Reading
from simulator.handlers.sending import Sending
from simulator.payloads import Answer, Parameters

_ANY: Final = frozenset({"GET", "POST"})
_POST: Final = frozenset({"POST"})
_DELETE: Final = frozenset({"DELETE"})
NEEDS_NO_KEY: Final = "utils/getdate"


class Method(NamedTuple):
    """What answers a method, and by which HTTP verbs; another verb is 405."""

    verbs: frozenset[str]
    answer: Callable[[Parameters], Answer]


def methods(sending: Sending, reading: Reading, account: Account) -> Mapping[str, Method]:
    """The table of methods by `{scope}/{method}`."""
    return {
        "sms/send": Method(_ANY, sending.send),
        "sms/sendarray": Method(_POST, sending.sendarray),
        "sms/cancel": Method(_ANY, sending.cancel),
        "sms/status": Method(_ANY, reading.status),
        "sms/statuslocalmessageid": Method(_ANY, reading.statuslocalmessageid),
        "sms/select": Method(_ANY, reading.select),
        "sms/latestoutbox": Method(_ANY, reading.latestoutbox),
        "sms/receive": Method(_ANY, reading.receive),
        "sms/inboxpaged": Method(_ANY, reading.inboxpaged),
        "sms/countinbox": Method(_ANY, reading.countinbox),
        "call/maketts": Method(_ANY, sending.maketts),
        "verify/lookup": Method(_ANY, sending.lookup),
        "line/blocked/list": Method(_ANY, account.blocked_list),
        "line/blocked/add": Method(_ANY, account.blocked_add),
        "line/blocked/exists": Method(_ANY, account.blocked_exists),
        "line/blocked/remove": Method(_DELETE, account.blocked_remove),
        "account/info": Method(_ANY, account.info),
        "account/config": Method(_ANY, account.config),
        NEEDS_NO_KEY: Method(_ANY, account.getdate),
    }
