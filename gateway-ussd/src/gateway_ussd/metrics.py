"""What is counted: by provider, outcome and name of a lookup, never by number or person."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

STEPS: Final = Counter(
    "gateway_ussd_steps", "Steps, by what they were answered with.", ["provider", "answer"]
)
STEP_SECONDS: Final = Histogram(
    "gateway_ussd_step_seconds",
    "From a step to its screen.",
    ["provider"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
REQUESTS_REFUSED: Final = Counter(
    "gateway_ussd_requests_refused", "Requests that no step came of.", ["provider", "reason"]
)
IN_FLIGHT: Final = Gauge("gateway_ussd_in_flight", "Steps under way.")
LOOP_LAG: Final = Gauge("gateway_ussd_loop_lag_seconds", "How late the process does what is due.")
OPERATOR: Final = Gauge(
    "gateway_ussd_operator_state", "Response time: 0 ok, 1 degraded, 2 down.", ["provider"]
)
SESSIONS: Final = Counter("gateway_ussd_sessions", "Sessions begun, and how.", ["provider", "how"])
SUBMITS: Final = Counter("gateway_ussd_submits", "Messages handed in, by what came of them.", ["result"])
TEXTS: Final = Counter("gateway_ussd_texts", "Answers that followed by SMS.", ["why", "result"])
LOOKUPS: Final = Counter(
    "gateway_ussd_lookups", "Lookups, by where the answer came from.", ["name", "answer"]
)
LOOKUP_SECONDS: Final = Histogram(
    "gateway_ussd_lookup_seconds", "Calls to a service that menus ask.", ["name", "outcome"]
)
CIRCUIT: Final = Gauge("gateway_ussd_circuit_open", "1 while a service is left alone.", ["name"])
REDIS_UP: Final = Gauge("gateway_ussd_redis_up", "1 while Redis answers.")
MENUS_KEPT: Final = Gauge("gateway_ussd_menu_versions", "Versions of the menus that sessions may be on.")
MENU_FAULTS: Final = Gauge("gateway_ussd_menu_faults", "Faults that keep the newest files from being used.")
