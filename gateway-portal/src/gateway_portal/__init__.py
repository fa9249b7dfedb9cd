"""What the public sees: today the page that confirms an official reply."""
