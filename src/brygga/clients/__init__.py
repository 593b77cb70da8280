"""Clients: HTTP and each system's own words. A client knows `http.py` and `errors.py` and nothing else of ours."""
