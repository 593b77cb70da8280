"""The words of the store that pages show: each has a translation, and the filter `word` finds it."""

from __future__ import annotations

WORDS = (
    *("webcrm", "fortnox", "customers", "customer", "articles", "article", "upsales", "textalk", "mobigo", "opter"),
    *("deliveries", "products", "offers", "sales", "buyers", "assignments", "price_lists", "prices"),
    *("invoices", "settlements", "settlement", "payments", "left_out", "saved", "gone", "saved payments"),
    *("own_number", "ocr", "voucher", "rate", "external_reference1", "payable", "input_vat", "vat_type", "credit_invoice"),
    *("article_export", "article_import", "customer_export", "customer_import"),
    *("offer", "order", "invoice", "cash_invoice", "payment", "price_list", "price"),
    *("rows", "date", "due", "delivery_date", "text", "comments", "total", "unit", "cost_price", "list_price"),
    *("booked", "cancelled", "mailed", "invoiced", "invoice_number", "invoice_date", "invoice_booked"),
    *("customer_number", "customer_ref", "your_order_number", "subject", "stage", "import", "imported a file"),
    *("created", "updated", "linked", "unchanged", "skipped", "held", "conflicts", "failed"),
    *("create", "update", "link", "settle", "skip", "hold", "conflict", "question", "unlink"),
    *("queued", "running", "done", "partial", "stopped", "noted", "unknown", "stale", "begun"),
    *("clock", "person", "event", "retry", "plan"),
    *("shown", "approved", "applied"),
    *("ok", "away", "login", "warning", "error"),
    *("number", "name", "kind", "organisation_number", "vat_number", "currency", "terms_of_payment"),
    *("email", "email_invoice", "phone", "phone2", "fax", "website", "our_reference", "your_reference"),
    *("invoice_street", "invoice_postcode", "invoice_city", "invoice_country"),
    *("visiting_street", "visiting_postcode", "visiting_city", "visiting_country"),
    *("delivery_name", "delivery_street", "delivery_postcode", "delivery_city", "delivery_country", "active"),
    *("company", "private"),
    *("owner", "bookkeeper", "viewer"),
    *("asked for a run", "asked for a plan", "approved a plan", "planned", "answered", "switched on", "switched off"),
    *("connected", "declared", "user added", "user changed", "invited", "invitation withdrawn", "joined"),
    *("role changed", "removed", "token made", "token revoked", "notice added", "notice changed", "notice removed"),
    *("notice rules changed", "notice tested", "role", "before", "invited_by", "run", "problem", "choice", "tenant"),
    *("unlinked", "settings changed"),
    *("mail", "webhook", "waiting", "sending", "sent", "given up", "urgent", "digest", "silence"),
)
