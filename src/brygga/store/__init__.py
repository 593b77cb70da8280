"""What the hub remembers: a Django app on SQLite or PostgreSQL. Every query stays within one company."""
