"""Which transcriber the settings name, if any."""

from gateway_voice.settings import TranscribeSettings
from gateway_voice.transcribing.endpoint import Endpoint
from gateway_voice.transcribing.local import LocalModel
from gateway_voice.transcribing.port import Transcriber


def chosen(settings: TranscribeSettings) -> Transcriber | None:
    """A server where there is an address, a model on this machine where there is only a model, else nobody.

    Raises:
        TranscriberUnusableError: what is named cannot be used.
    """
    if settings.url is not None:
        return Endpoint(settings)
    return LocalModel(settings) if settings.model else None
