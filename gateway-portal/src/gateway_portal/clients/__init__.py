"""Other services, each asked over HTTP."""
