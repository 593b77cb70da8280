"""One company's Fortnox: where it is, who we are, and how a call is made. Knows no resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from brygga.clients.fortnox import wire
from brygga.clients.http import Answer, Call, Send

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Api:
    """Makes calls on behalf of one company.

    base_url  https://api.fortnox.se, or the address of a sandbox
    token     gives the access token; asked before each try
    renew     gives a new access token after one was refused with 401, or None; then the call, which was surely not carried
              out, is made once more
    """

    base_url: str
    token: Callable[[], str] = field(repr=False)
    send: Send = field(repr=False)
    renew: Callable[[], str] | None = field(default=None, repr=False)

    def read(self, path: str, params: Parameters = ()) -> Answer:
        """GET without any effect: may be repeated."""
        return self._call("GET", path, repeatable=True, params=params)

    def write(
        self,
        method: str,
        path: str,
        body: object | None = None,
        *,
        params: Parameters = (),
        content: bytes | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Whatever changes something, GETs that act among them: sent once. `body` becomes JSON; `content` goes as it is.

        A POST or PUT without either, which an action is, says `{}`: without a Content-Type Fortnox may refuse it with 1000031 (section 2).
        """
        if body is None and content is None and method in ("POST", "PUT"):
            body = {}
        payload = wire.encode(body) if body is not None else content
        headers = {"Content-Type": content_type} if payload is not None else {}
        return self._call(method, path, repeatable=False, params=params, headers=headers, content=payload)

    def _call(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        params: Parameters,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        # application/json also where a PDF comes back: application/pdf is refused with 1000030 (section 2).
        call = Call(
            method,
            f"{self.base_url.rstrip('/')}{path}",
            repeatable=repeatable,
            params=params,
            headers={"Accept": "application/json", **(headers or {})},
            content=content,
            authorise=lambda: {"Authorization": f"Bearer {self.token()}"},
        )
        answer = self.send(call)
        if answer.status == 401 and self.renew is not None:
            fresh = self.renew()
            answer = self.send(replace(call, authorise=lambda: {"Authorization": f"Bearer {fresh}"}))
        if not answer.ok:
            raise wire.refusal(answer)
        return answer
