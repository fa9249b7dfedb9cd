"""What a deployment can set."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings

SESSION_COOKIE: Final = "payam_session"
"""Holds the store's session token, and nothing of ours."""


class DeskSettings(ServiceSettings):
    """The desk's own, from `DESK_…`; where the case store is, from the name that all share."""

    model_config = SettingsConfigDict(
        env_prefix="DESK_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    port: int = Field(default=8001, ge=1, le=65_535)
    """The port to listen on."""
    case_store_url: str = Field(default="http://127.0.0.1:8040", validation_alias="CASE_STORE_URL")
    """The case store's address."""
    public_url: str = ""
    """Where staff reach the desk (`https://…`): for single sign-on, and so that cookies go over TLS alone."""
    sso: bool = False
    """Show the button of single sign-on; the case store must know the provider."""
    call_timeout_seconds: float = Field(default=10, gt=0)
    """Longest wait for the case store before the page says that it is away."""
    staff_kept_seconds: float = Field(default=20, ge=0)
    """How long the desk remembers whose a session is, in seconds; rights are the store's to check."""
    price_persian_rial: int = Field(default=1_500, ge=0)
    """Of one UCS-2 part, for the preview beside a reply."""
    price_latin_rial: int = Field(default=3_200, ge=0)
    """Of one GSM-7 part."""
    largest_file_mb: int = Field(default=20, ge=1, le=200)
    """Largest file that staff may add to a case, in megabytes."""

    @property
    def secure(self) -> bool:
        """Whether the desk is reached over TLS."""
        return self.public_url.startswith("https://")
