"""`python -m payam` is the command `payam`."""

from payam.app import main

main()
