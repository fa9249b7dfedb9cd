"""What is counted: by lane, state and outcome, never by number or person."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

MO: Final = Counter("gateway_sms_mo", "Messages in, by what came of them.", ["result"])
DUPLICATES: Final = Counter("gateway_sms_mo_duplicates", "Messages in that the provider had pushed before.")
RECOVERED: Final = Counter(
    "gateway_sms_recovered", "Messages in whose webhook was missed, found in the inbox."
)
UNDECODABLE: Final = Counter("gateway_sms_undecodable", "Webhooks with bytes that are not Unicode.")
DLR: Final = Counter(
    "gateway_sms_dlr", "Delivery reports, by state and by how they came.", ["state", "source"]
)
MT: Final = Counter("gateway_sms_mt", "Messages out, by lane and first state.", ["lane", "state"])
READ_OUT: Final = Counter(
    "gateway_sms_read_out", "Messages read out over the telephone, by first state.", ["state"]
)
WAITING: Final = Gauge("gateway_sms_waiting", "Messages out in hand, not yet with the provider.", ["lane"])
COST: Final = Counter("gateway_sms_cost_rial", "Rial, as estimated before sending and as charged.", ["by"])
PROVIDER_SECONDS: Final = Histogram(
    "gateway_sms_provider_seconds", "Calls to the provider.", ["call", "outcome"]
)
CIRCUIT: Final = Gauge("gateway_sms_circuit_state", "0 closed, 1 half open, 2 open.", ["call"])
ALARM: Final = Gauge(
    "gateway_sms_provider_alarm", "The provider's code that a person must act on; 0 is none.", ["call"]
)
TPS: Final = Gauge("gateway_sms_tps", "Messages a second that may go to the provider now.")
REDIS_UP: Final = Gauge("gateway_sms_redis_up", "1 while Redis answers.")
