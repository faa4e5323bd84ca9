"""Tell the business's own attributes from those of libraries and helpers.

    group_of("shop.customer.id")    # "business"
    group_of("kit.queue.name")      # "kit"
    group_of("http.route")          # "standard"

The first segment of a name decides. Those of the semantic conventions are listed here,
and a test compares the list with the installed conventions. A name that nobody claims
belongs to the people who wrote the service, so every team's own prefix works.
"""

from __future__ import annotations

from typing import Literal

Group = Literal["business", "kit", "standard"]

CONVENTIONS = frozenset(
    """
    app artifact aws az azure browser cassandra cicd client cloud cloudevents
    cloudfoundry code container cpu cpython db deployment destination device disk dns
    elasticsearch enduser error event exception faas feature_flag file gcp gen_ai geo
    graphql heroku host http hw jsonrpc k8s linux log mainframe mcp message messaging
    net network nfs oci onc_rpc openai openshift opentracing oracle oracle_cloud os otel
    peer pool pprof process profile rpc security_rule server service session source
    state system telemetry test thread tls url user user_agent vcs webengine zos
    """.split()  # noqa: SIM905 - eighty quoted words would hide the list
)
# Names that instrumentations add without a convention: contrib's Celery, OpenTracing's
# tags, Jaeger's clients.
INSTRUMENTATIONS = frozenset({"celery", "component", "jaeger", "sampler", "span"})
# The helpers in `instrumentation/`, and `kit logs`.
KIT = frozenset({"kit", "log_reader"})


def group_of(key: str) -> Group:
    """Return the group that an attribute belongs to."""
    namespace = key.partition(".")[0]
    if namespace in KIT:
        return "kit"
    is_standard = namespace in CONVENTIONS or namespace in INSTRUMENTATIONS
    return "standard" if is_standard else "business"
