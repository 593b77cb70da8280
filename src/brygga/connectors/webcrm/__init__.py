"""webCRM: organisations and Fortnox' customers in step, both ways."""
