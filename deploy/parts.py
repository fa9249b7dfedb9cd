# ruff: noqa: INP001 - a script, not a package
"""Fetches the real parts that some tests need, where the machine allows it, and says what it leaves out.

Chromium for the browser tests comes from Debian, Apache Kafka for the integration tests from Maven, Asterisk
from Debian 11: unpacked into a folder with all that it needs, so that nothing of the machine matters.
With PAYAM_REQUIRE_ALL=1, leaving anything out is an error.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KAFKA_JARS = Path(sys.prefix) / "kafka"
"""Where tests/integration/kafka_broker.py looks for them."""
KAFKA_POM = ROOT / "tests" / "integration" / "kafka" / "pom.xml"
OLDEST_JAVA = 17
ASTERISK = Path(sys.prefix) / "asterisk"
"""Where tests/integration/asterisk_server.py looks for it."""
FROM_BULLSEYE = (
    "asterisk",
    *("espeak-ng/bullseye", "libespeak-ng1/bullseye", "espeak-ng-data/bullseye"),
)
RUNNER = """#!/bin/sh
# run PROGRAM ...: with this folder's own loader and libraries, none of the machine's.
here=$(cd "$(dirname "$0")" && pwd)
for loader in "$here"/lib/*-linux-gnu*/ld-2.*.so; do :; done
machine=$(basename "$(dirname "$loader")")
libraries=$here/lib/$machine:$here/usr/lib/$machine:$here/usr/lib:$here/usr/lib/$machine/pulseaudio
program=$1; shift
exec "$loader" --library-path "$libraries" "$here/$program" "$@"
"""
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def main() -> int:
    """Fetch every part; 1 if one is missing that must be there."""
    left_out = {what: reason for what, fetch in PARTS.items() if (reason := fetch()) is not None}
    for what, reason in left_out.items():
        say(f"left out: {what}, because {reason}")
    return 1 if left_out and os.environ.get("PAYAM_REQUIRE_ALL") == "1" else 0


def chromium() -> str | None:
    """None if Chromium is there, else why not."""
    if shutil.which("chromium") is None:
        install("chromium")
    return (
        None
        if shutil.which("chromium")
        else "Chromium is missing and cannot be installed (that takes root and apt)"
    )


def apache_kafka() -> str | None:
    """None if Java and Kafka's jars are there, else why not."""
    if java_version() < OLDEST_JAVA:
        install("openjdk-17-jre-headless")
    if java_version() < OLDEST_JAVA:
        return f"Java {OLDEST_JAVA} is missing and cannot be installed (that takes root and apt)"
    done = KAFKA_JARS / KAFKA_POM.name
    if done.is_file() and done.read_bytes() == KAFKA_POM.read_bytes():
        return None
    if shutil.which("mvn") is None:
        install("maven")
    if shutil.which("mvn") is None:
        return "Maven is missing and cannot be installed (that takes root and apt)"
    say("fetching Apache Kafka with Maven …")
    shutil.rmtree(KAFKA_JARS, ignore_errors=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={KAFKA_JARS}", "-DincludeScope=runtime"]
    code, said = run(["mvn", "--batch-mode", "--quiet", "--file", str(KAFKA_POM), *goal])
    if code:
        return f"Maven could not fetch Apache Kafka: {last_line(said)}"
    shutil.copy(KAFKA_POM, done)
    return None


def asterisk() -> str | None:
    """None if Asterisk is unpacked, else why not."""
    done = ASTERISK / "complete"
    if done.is_file():
        return None
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None or not KEYRING.is_file():
        return "it comes from Debian 11, and this machine has no apt with Debian's keys"
    say("fetching Asterisk from Debian 11 …")
    shutil.rmtree(ASTERISK, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        packages = next(filter(None, (bullseye(Path(folder), where) for where in mirrors())), [])
        for package in packages:
            code, said = run(["dpkg-deb", "--extract", str(package), str(ASTERISK)])
            if code:
                return f"a package could not be unpacked: {last_line(said)}"
    if not packages:
        return "Debian 11 could not be fetched"
    (ASTERISK / "usr/share/asterisk/sounds/en").symlink_to("en_US_f_Allison")
    runner = ASTERISK / "run"
    runner.write_text(RUNNER, "utf-8")
    runner.chmod(0o755)
    done.touch()
    return None


def mirrors() -> list[tuple[str, ...]]:
    """Where Debian 11 may be: on this machine's own mirrors; with its last mends, or without."""
    found = sorted(set(re.findall(r"'(\S+)/dists/", run(["apt-get", "--print-uris", "update"])[1])))
    whole = [f"{each} bullseye main" for each in found if each.endswith("/debian")]
    mends = [f"{each} bullseye-security main" for each in found if each.endswith("/debian-security")]
    return [(*whole, *mends), (*whole,)] if whole else []


def bullseye(folder: Path, repositories: tuple[str, ...]) -> list[Path]:
    """Asterisk, espeak-ng and all that they need, down to the C library; empty if they cannot be had."""
    lists = folder / "lists"
    for each in (lists / "partial", folder / "archives" / "partial"):
        each.mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    sources = folder / "sources.list"
    signed = f"deb [signed-by={KEYRING} check-valid-until=no]"
    sources.write_text("".join(f"{signed} {each}\n" for each in repositories), "utf-8")
    apart = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": lists,
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": 1,
    }
    options = [word for name, value in apart.items() for word in ("-o", f"{name}={value}")]
    wanted = ["--yes", "--download-only", "--no-install-recommends", "install", *FROM_BULLSEYE]
    for words in (["update"], wanted):
        code, said = run(["apt-get", "-qq", *options, *words], {"DEBIAN_FRONTEND": "noninteractive"})
        if code:
            say(f"apt-get {words[0]}: {last_line(said)}")
            return []
    return sorted((folder / "archives").glob("*.deb"))


def install(package: str) -> None:
    """Install a Debian package, if we may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    say(f"installing {package} with apt …")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        code, said = run(["apt-get", "-qq", *words], quiet)
        if code:
            say(f"apt-get {words[0]}: {last_line(said)}")


def java_version() -> int:
    """The major version of the Java on the path; 0 if there is none."""
    if shutil.which("java") is None:
        return 0
    found = re.search(r'version "(\d+)', run(["java", "-version"])[1])
    return int(found[1]) if found else 0


def run(words: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit code and everything said; no standard input."""
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ | (environment or {}),
    )
    return done.returncode, done.stdout


def last_line(said: str) -> str:
    """The line of an output that tells most."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line or line.startswith("E:")]
    return (errors[:1] or lines[-1:] or ["it said nothing"])[0]


def say(line: str) -> None:
    """One line for the person who runs the tests."""
    sys.stdout.write(f"parts: {line}\n")
    sys.stdout.flush()


PARTS: Mapping[str, Callable[[], str | None]] = {
    "browser tests": chromium,
    "integration tests on Apache Kafka": apache_kafka,
    "integration tests on Asterisk": asterisk,
}

if __name__ == "__main__":
    sys.exit(main())
