# ruff: noqa: INP001 - a script, not a package
"""Fetches the real parts that some tests need, where the machine allows it, and says what it leaves out.

Chromium for the browser tests comes from Debian, Apache Kafka for the integration tests from Maven.
With PAYAM_REQUIRE_ALL=1, leaving anything out is an error.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KAFKA_JARS = Path(sys.prefix) / "kafka"
"""Where tests/integration/kafka_broker.py looks for them."""
KAFKA_POM = ROOT / "tests" / "integration" / "kafka" / "pom.xml"
OLDEST_JAVA = 17


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
}

if __name__ == "__main__":
    sys.exit(main())
