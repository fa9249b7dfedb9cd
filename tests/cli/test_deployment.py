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
OPTIONAL = {
    DERIVED,
    "DESK_ADMIN_PASSWORD",
    "PARTNER_API_KEY",
    "OBJECTS_KEYS",
    "OBJECTS_KEY",
    "GATEWAY_VOICE_TRANSCRIBE_KEY",
}
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
    assert re.findall(r"^FROM (?:.+ AS )?(\S+)$", DOCKERFILE, re.MULTILINE)[-1] == "${PYTHON}", (
        "ours is the last"
    )
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


def shipped(tmp_path: Path, password: str) -> subprocess.CompletedProcess[str]:
    """start.sh with a program of ours in the place of Asterisk; what it made lies in `etc`."""
    for name in ("bin", "etc", "spool"):
        (tmp_path / name).mkdir()
    fake = tmp_path / "bin" / "asterisk"
    fake.write_text('#!/bin/sh\necho "$@"\n')
    fake.chmod(0o755)
    told = {
        "PATH": f"{fake.parent}:/usr/bin:/bin",
        "ASTERISK_SHIPPED": str(ROOT / "deploy" / "asterisk" / "etc"),
        "ASTERISK_ETC": str(tmp_path / "etc"),
        "ASTERISK_SPOOL": str(tmp_path / "spool"),
        "ASTERISK_PASSWORD": password,
    }
    command = [ROOT / "deploy" / "asterisk" / "start.sh"]
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False)


def test_asterisk_in_a_container_gets_the_shipped_configuration_with_the_password_of_the_environment(
    tmp_path: Path,
):
    done = shipped(tmp_path, "a-pass_word1")
    assert (done.returncode, done.stdout) == (0, f"-f -n -C {tmp_path}/etc/asterisk.conf\n")
    made = {path.name: path.read_text("utf-8") for path in (tmp_path / "etc").iterdir()}
    own = {path.name: path.read_text("utf-8") for path in (ROOT / "deploy" / "asterisk" / "etc").iterdir()}
    changed = {name for name in own if made[name] != own[name]}
    assert made.keys() == own.keys()
    assert changed == {"ari.conf", "http.conf", "rtp.conf"}
    assert "\npassword = a-pass_word1\n" in made["ari.conf"]
    assert "change-me" not in made["ari.conf"]
    assert "\nbindaddr = 0.0.0.0\n" in made["http.conf"]
    assert "\nrtpend = 10499\n" in made["rtp.conf"]
    assert (tmp_path / "spool" / "recording").is_dir()


@pytest.mark.parametrize("password", ["", "change-me", "semi;colon", "a/b"], ids=repr)
def test_asterisk_does_not_start_with_a_password_that_everybody_knows_or_that_breaks_its_file(
    tmp_path: Path, password: str
):
    done = shipped(tmp_path, password)
    assert done.returncode == 1
    assert "ASTERISK_PASSWORD" in done.stderr
    assert list((tmp_path / "etc").iterdir()) == []


def test_the_container_of_asterisk_is_reached_by_the_gateway_and_publishes_no_ari():
    container = CONTAINERS["asterisk"]
    assert container["profiles"] == ["asterisk"]
    assert f"AS {container['build']['target']}\n" in DOCKERFILE
    assert "inside" in container["networks"]
    assert all(port.endswith("/udp") for port in container["ports"])
    sound = next(port for port in container["ports"] if "10000" in port)
    assert "-10499}:10000-10499/" in sound
    assert "rtpend = ${ASTERISK_RTP_END:-10499}" in (ROOT / "deploy/asterisk/start.sh").read_text("utf-8")
    assert "./deploy/asterisk/etc:/usr/local/etc/payam-asterisk:ro" in container["volumes"]
    assert container["healthcheck"]["test"][0] == "CMD"
    # A read-only image: whatever Asterisk writes is memory or a volume.
    written = {"/etc/asterisk", "/var/lib/asterisk", "/var/run/asterisk", "/var/log/asterisk"}
    assert written <= set(container["tmpfs"])


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
    mounted = {
        volume.split(":")[0] for container in CONTAINERS.values() for volume in container.get("volumes", [])
    }
    folders = {name for name in mounted if name.startswith("./")}
    assert all((ROOT / folder).is_dir() for folder in folders)
    used = mounted - folders
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
