"""What `payam doctor` looks at: the machine, the engines, the services."""

from payam.checks.engines import engine_findings
from payam.checks.finding import Finding
from payam.checks.machine import machine_findings
from payam.checks.services import kavenegar_finding, service_findings

__all__ = ["Finding", "engine_findings", "kavenegar_finding", "machine_findings", "service_findings"]
