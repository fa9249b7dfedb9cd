"""How the commands reach the case store: the running `payam up`, or what the environment says."""

import os

from pydantic import SecretStr

from payam.clients import CaseStore
from payam.credentials import credentials
from payam.settings import CliSettings
from payam.state import open_state, read_running


def case_store() -> CaseStore:
    """The case store's API with its token."""
    settings = CliSettings()
    url = os.environ.get("CASE_STORE_URL") or read_running(settings.state_dir.absolute()).get(
        "CASE_STORE_URL"
    )
    token = settings.case_store_token or SecretStr(_made_here(settings))
    return CaseStore(url or settings.case_store_url, token)


def _made_here(settings: CliSettings) -> str:
    return credentials(open_state(settings.state_dir), os.environ)["CASE_STORE_TOKEN"]
