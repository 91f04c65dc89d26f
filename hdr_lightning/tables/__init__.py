"""Tables to publish, and their forms as text."""
