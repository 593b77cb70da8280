"""Textalk Webshop (Abicart) in a box: one shop on a port of this machine, with the refusals of the real one.

    with textalk.running() as sandbox:
        [mug] = sandbox.load("Article", [{"articleNumber": "MUGG-1", "name": {"sv": "Mugg"}, "price": {"regular": {"SEK": 99}}}])
        order = sandbox.order(items=[{"articleNumber": "MUGG-1", "quantity": 2, "incVat": 198}], method="Kort")
        client(sandbox.base_url, sandbox.token).do_something()
        assert sandbox.writes() == [("Order.set", [order, {"externalOrderNumber": "1"}, ...])]

Sources: systems.md 5.1, textalk/api-classes.json. Not imitated: WebSocket, the checkout (a person places an order by the admin
surface), images, statistics, the second version of the API. Batches are refused: they are not documented. What is unknown of the
real service and guessed here is marked [guess] where it is decided.
"""

from brygga_sandbox.textalk.sandbox import Sandbox, running

__all__ = ["Sandbox", "running"]
