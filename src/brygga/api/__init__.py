"""The REST API under /api/v1/: the commands for programs, with tokens that have a role in one company.

call.py        what a request says, once its token is known to be good
operations.py  the table of all addresses: what each takes, needs and gives; addresses and OpenAPI document are made from it
look.py act.py what the addresses do: one call of a function of `sync` or `engine`, its answer as the commands print it
problem.py     errors as problem documents (RFC 9457) with the sentence and the repair
openapi.py     the document; schemas.py the shapes in it
views.py       from HTTP and back
"""
