"""Speech to text as a port: nobody by default, a server by its address, or a model on this machine."""
