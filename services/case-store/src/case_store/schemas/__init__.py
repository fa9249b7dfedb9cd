"""What the API takes and gives: closed models, each field with its sentence."""
