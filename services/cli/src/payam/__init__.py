"""The operator's command: starts the flow on one machine and looks after it."""
