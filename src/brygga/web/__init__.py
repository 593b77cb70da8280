"""The pages and the web process."""
