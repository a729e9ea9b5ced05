"""`python -m eventsource`."""

from eventsource.app import main

main()
