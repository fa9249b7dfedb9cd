"""The Dockerfile, the compose file, the locks and the table of services agree with each other."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from payam.topology import SERVICES

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, Any] = COMPOSE["services"]
LOCKS = ("requirements.lock", "deploy/runtime.lock", "deploy/build.lock")
DERIVED = "SIMULATOR_CONTROL_TOKEN"
OPTIONAL = {DERIVED, "DESK_ADMIN_PASSWORD", "PARTNER_API_KEY"}
"""Without them something is not there; none has a value of its own."""
OURS = [name for name, container in CONTAINERS.items() if "build" in container]


def members() -> list[str]:
    return [
        str(file.parent.relative_to(ROOT))
        for glob in ("libs/*", "gateway-*", "router", "services/*")
        for file in ROOT.glob(f"{glob}/pyproject.toml")
    ]


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [word for line in lines for word in line.split()[:-1]]


def test_what_the_image_copies_is_there():
    assert copied()
    assert all((ROOT / path).exists() for path in copied())


@pytest.mark.parametrize("member", members())
def test_every_member_is_in_the_image_s_source(member: str):
    assert member.split("/", maxsplit=1)[0] in copied()


def test_the_image_runs_as_nobody_special_and_checks_its_health():
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    assert DOCKERFILE.rindex("USER") < DOCKERFILE.rindex("CMD")
    assert DOCKERFILE.count("--require-hashes") == 2


@pytest.mark.parametrize("plan", SERVICES, ids=lambda plan: plan.name)
def test_every_service_of_the_table_has_a_container_with_its_port(plan):
    container = CONTAINERS[plan.name]
    arguments = container["build"]["args"]
    assert arguments == {"SERVICE": plan.name, "MODULE": plan.module, "PORT": plan.port}
    assert "/readyz" in str(container["healthcheck"]["test"])
    assert f"{plan.prefix}_HOST" in container["environment"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_more_rights_than_they_need(name: str):
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert (ROOT / container["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - set(OURS)))
def test_the_engines_are_pinned_checked_and_not_published(name: str):
    container = CONTAINERS[name]
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+(\.\d+)?", container["image"])
    assert container["healthcheck"]["test"]
    assert "ports" not in container
    assert container["networks"] == ["inside"]


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_is_waited_for_exists_and_can_be_waited_for(name: str):
    for other, wanted in CONTAINERS[name].get("depends_on", {}).items():
        if wanted["condition"] == "service_healthy":
            assert CONTAINERS[other]["healthcheck"].get("test")
        else:
            assert wanted["condition"] == "service_completed_successfully"
            assert str(CONTAINERS[other]["restart"]).startswith("on-failure")


def test_published_ports_are_on_the_loopback_unless_the_operator_says_otherwise():
    for container in CONTAINERS.values():
        for port in container.get("ports", []):
            assert "127.0.0.1:" in port
            assert "outside" in container["networks"]


def test_no_secret_has_a_value_or_a_default():
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    for name in re.findall(r"\$\{(\w*(?:PASSWORD|TOKEN|KEY|SECRET)\w*):?([-?])", text):
        assert name[1] == "?" or name[0] in OPTIONAL
        assert name[1] == "?" or name[0] == DERIVED or f"${{{name[0]}:-}}" in text
    example = (ROOT / "deploy" / "env.example").read_text("utf-8")
    given = set(re.findall(r"^(\w+)=$", example, re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+):\?", text)) == given


def test_every_named_volume_is_declared_and_used():
    used = {
        volume.split(":")[0] for container in CONTAINERS.values() for volume in container.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_pins_and_hashes_and_no_address(lock: str):
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    wrong = [
        line
        for line in lines
        if not re.match(r"#|[A-Za-z0-9_.-]+==[^ ]+( ; .+)? \\$|    --hash=sha256:[0-9a-f]{64}( \\)?$", line)
    ]
    assert wrong == []


@pytest.mark.parametrize(("lock", "what"), [*zip(LOCKS, ("everything", "runtime", "build"), strict=True)])
def test_a_lock_has_everything_that_the_pyprojects_ask_for(lock: str, what: str):
    command = [sys.executable, ROOT / "deploy" / "lock.py", what]
    asked = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    names = {re.split(r"[\[<>=!~;]", line)[0].lower() for line in asked}
    assert names <= set(pinned)


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_the_images_have_the_versions_that_were_tested(lock: str):
    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins(lock).items() <= pins("requirements.lock").items()


def test_the_makefile_explains_every_target_that_a_person_calls():
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "check", "bench", "lock", "doctor", "clean"):
        assert re.search(rf"make {target}\s+\S", told)
