"""Fetch, normalise, match, plan, apply, record: the one way through. Knows connectors by their contract only."""
