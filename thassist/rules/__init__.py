"""The validation catalogue and the runner that turns it into findings."""
