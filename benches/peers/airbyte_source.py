"""A declarative source for Fortnox on the Airbyte CDK: manifest with pages, incremental cursor, error handler and call budget.

Run in an environment of its own: `python airbyte_source.py read --config C --catalog C [--state S]`. The limit of Fortnox is declared as
the CDK's call budget, 429 is repeated by its error handler. Fortnox' rows bear no time of change, so the cursor is the time of reading.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from airbyte_cdk.entrypoint import launch
from airbyte_cdk.models import AirbyteStateMessageSerializer, ConfiguredAirbyteCatalogSerializer
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

# Fortnox counts in Swedish time; two minutes earlier, as clocks differ.
BEGAN = datetime.now(ZoneInfo("Europe/Stockholm")) - timedelta(minutes=2)
REQUESTER: dict[str, Any] = {
    "type": "HttpRequester",
    "url_base": "{{ config['base_url'] }}",
    "http_method": "GET",
    "authenticator": {"type": "BearerAuthenticator", "api_token": "{{ config['token'] }}"},
    "error_handler": {
        "type": "DefaultErrorHandler",
        "max_retries": 10,
        "backoff_strategies": [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 5}],
        "response_filters": [{"type": "HttpResponseFilter", "action": "RETRY", "http_codes": [429, 500, 502, 503]}],
    },
}
PAGES: dict[str, Any] = {
    "type": "DefaultPaginator",
    "pagination_strategy": {
        "type": "CursorPagination",
        "page_size": 500,
        "cursor_value": "{{ response['MetaInformation']['@CurrentPage'] + 1 }}",
        "stop_condition": "{{ response['MetaInformation']['@CurrentPage'] >= response['MetaInformation']['@TotalPages'] }}",
    },
    "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "page"},
    "page_size_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "limit"},
}
OPEN = {
    "type": "InlineSchemaLoader",
    "schema": {"type": "object", "additionalProperties": True, "properties": {"synced_at": {"type": "string"}}},
}


def listed(name: str, many: str, key: str) -> dict[str, Any]:
    return {
        "type": "DeclarativeStream",
        "name": name,
        "primary_key": [key],
        "schema_loader": OPEN,
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {**REQUESTER, "path": f"/3/{name}"},
            "paginator": PAGES,
            "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": [many]}},
        },
        "transformations": [
            {
                "type": "AddFields",
                "fields": [{"type": "AddedFieldDefinition", "path": ["synced_at"], "value": BEGAN.strftime("%Y-%m-%d %H:%M")}],
            }
        ],
        "incremental_sync": {
            "type": "DatetimeBasedCursor",
            "cursor_field": "synced_at",
            "datetime_format": "%Y-%m-%d %H:%M",
            "start_datetime": {"type": "MinMaxDatetime", "datetime": "1990-01-01 00:00", "datetime_format": "%Y-%m-%d %H:%M"},
            "end_datetime": {
                "type": "MinMaxDatetime",
                "datetime": (BEGAN + timedelta(minutes=10)).strftime("%Y-%m-%d %H:%M"),
                "datetime_format": "%Y-%m-%d %H:%M",
            },
            "start_time_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "lastmodified"},
        },
    }


INVOICES = listed("invoices", "Invoices", "DocumentNumber")
DETAILS: dict[str, Any] = {
    "type": "DeclarativeStream",
    "name": "invoice_details",
    "primary_key": ["DocumentNumber"],
    "schema_loader": OPEN,
    "retriever": {
        "type": "SimpleRetriever",
        "requester": {**REQUESTER, "path": "/3/invoices/{{ stream_partition.number }}"},
        "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": ["Invoice"]}},
        "partition_router": {
            "type": "SubstreamPartitionRouter",
            "parent_stream_configs": [
                {"type": "ParentStreamConfig", "stream": INVOICES, "parent_key": "DocumentNumber", "partition_field": "number"}
            ],
        },
    },
}
MANIFEST: dict[str, Any] = {
    "version": "6.0.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["articles"]},
    "streams": [listed("articles", "Articles", "ArticleNumber"), DETAILS],
    "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
    "api_budget": {
        "type": "HTTPAPIBudget",
        "policies": [
            {"type": "MovingWindowCallRatePolicy", "rates": [{"type": "Rate", "limit": 25, "interval": "PT5S"}], "matchers": []}
        ],
    },
}


def given(name: str) -> Any:
    """Return what the file of this option holds, None without the option."""
    return json.loads(Path(sys.argv[sys.argv.index(name) + 1]).read_text("utf-8")) if name in sys.argv else None


catalog, config, state = given("--catalog"), given("--config"), given("--state")
source = ConcurrentDeclarativeSource(
    catalog=ConfiguredAirbyteCatalogSerializer.load(catalog) if catalog else None,
    config=config,
    state=[AirbyteStateMessageSerializer.load(one) for one in state] if state else None,
    source_config=MANIFEST,
)
launch(source, sys.argv[1:])
