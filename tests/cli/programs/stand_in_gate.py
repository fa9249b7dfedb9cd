"""A stand-in."""

from stand_in import main

main("gate")
