"""Many systems behind one port: each answers below its own path, with its own records, faults and calls seen."""

from __future__ import annotations

import httpx2

from brygga_sandbox import webcrm
from brygga_sandbox.rack import Rack
from brygga_sandbox.server import ADMIN, serve


def test_each_system_answers_below_its_own_path_and_knows_nothing_of_the_others() -> None:
    rack = Rack({"acme": webcrm.Sandbox(), "fjord": webcrm.Sandbox()})
    with serve(rack):
        for name in ("acme", "fjord"):
            login = httpx2.post(f"{rack.address(name)}/Auth/ApiLogin", data={"authCode": rack[name].auth_code}, verify=False)
            assert login.status_code == 200
        rack["fjord"].faults.arm("error_before", method="GET")
        assert httpx2.get(f"{rack.address('fjord')}/Organisations", verify=False).status_code == 500
        assert httpx2.get(f"{rack.address('acme')}/Organisations", verify=False).status_code == 401
        assert [seen.path for seen in rack["acme"].requests] == ["/Auth/ApiLogin", "/Organisations"]
        seen = httpx2.get(rack.address("fjord") + ADMIN + "requests", verify=False).json()
        assert [one["status"] for one in seen] == [200, 500]
        assert httpx2.get(f"{rack.base_url}/nobody/Organisations", verify=False).status_code == 404
        assert httpx2.get(rack.base_url, verify=False).status_code == 404
