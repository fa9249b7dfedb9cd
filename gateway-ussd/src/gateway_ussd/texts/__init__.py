"""What the gateway says in its own words, whatever the menus say: ways to go on, hints, and last resorts.

A person reads one of three tongues: Persian, English, and Persian in Latin letters (Finglish) where
the operator's phones do not show UCS-2.
"""

from gateway_ussd.texts.cleaning import cleaned, keyed
from gateway_ussd.texts.romanization import romanized
from gateway_ussd.texts.words import (
    NAME,
    Hint,
    Notice,
    Tongue,
    Way,
    hint,
    notice,
    said,
    tongue_of,
    way,
)

__all__ = [
    "NAME",
    "Hint",
    "Notice",
    "Tongue",
    "Way",
    "cleaned",
    "hint",
    "keyed",
    "notice",
    "romanized",
    "said",
    "tongue_of",
    "way",
]
