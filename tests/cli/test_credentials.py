import re
from pathlib import Path

import pytest

from payam.credentials import FILE, MAKERS, credentials
from payam.errors import AlreadyRunningError, StateDirectoryError
from payam.state import claimed, note_running, open_state, read_running


def test_every_secret_is_made_once_and_stays(tmp_path: Path):
    first = credentials(tmp_path, {})
    assert set(first) == set(MAKERS)
    assert all(first.values())
    assert credentials(tmp_path, {}) == first


def test_the_file_is_its_owners_alone(tmp_path: Path):
    credentials(tmp_path, {})
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_the_tracking_code_key_is_32_bytes_in_hex(tmp_path: Path):
    assert re.fullmatch(r"[0-9a-f]{64}", credentials(tmp_path, {})["TRACKING_CODE_KEY"])


def test_two_machines_have_different_secrets(tmp_path: Path):
    one, other = (credentials(open_state(tmp_path / name), {}) for name in ("a", "b"))
    assert {name for name in one if one[name] == other[name]} == {"DESK_ADMIN_USER"}


def test_the_environment_wins_and_is_not_written_down(tmp_path: Path):
    assert credentials(tmp_path, {"CASE_STORE_TOKEN": "from outside"})["CASE_STORE_TOKEN"] == "from outside"
    assert "from outside" not in (tmp_path / FILE).read_text()


def test_a_secret_that_a_new_version_needs_is_added_and_the_others_stay(tmp_path: Path):
    first = credentials(tmp_path, {})
    file = tmp_path / FILE
    file.write_text(
        "".join(line for line in file.read_text().splitlines(keepends=True) if "PARTNER" not in line)
    )
    second = credentials(tmp_path, {})
    assert second.pop("PARTNER_API_KEY")
    assert second.items() <= first.items()


def test_a_second_claim_says_who_has_the_state_directory(tmp_path: Path):
    with (
        claimed(tmp_path),
        pytest.raises(AlreadyRunningError, match=r"already runs in .* \(pid \d+\)"),
        claimed(tmp_path),
    ):
        pass
    with claimed(tmp_path):
        pass


def test_what_runs_is_known_only_while_it_runs(tmp_path: Path):
    with claimed(tmp_path):
        note_running(tmp_path, {"DATABASE_URL": "somewhere"})
        assert read_running(tmp_path) == {"DATABASE_URL": "somewhere"}
        assert (tmp_path / "running.json").stat().st_mode & 0o777 == 0o600
    assert read_running(tmp_path) == {}


def test_a_state_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StateDirectoryError, match=r"cannot be written: .*PAYAM_STATE_DIR"):
        open_state(tmp_path / "file" / "state")
