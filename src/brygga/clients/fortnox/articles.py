"""/3/articles and what hangs on an article: its addresses and its files."""

from __future__ import annotations

from brygga.clients.fortnox.resource import Deletable, Register, Tracked


class Articles(Tracked, Register, Deletable):
    """Articles. SalesPrice is read-only: set it through prices, base list, from quantity 0 (section 9.2).

    In lists the numbers of an article are text or number, mixed within one answer: read them with `wire.amount`.
    """

    path, one, many, number = "/3/articles", "Article", "Articles", "ArticleNumber"


class ArticleUrlConnection(Register, Deletable):
    """Web addresses of articles."""

    path, one, many, number = "/3/articleurlconnections", "ArticleUrlConnection", "ArticleUrlConnections", "Id"
