"""What the API counts of itself, in Prometheus' words. Labels are routes and codes, never ids: their number is bounded."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """Counters of one app; two apps in a process (tests) do not mix theirs."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "crosswalk_request_seconds", "Time to answer", ("method", "route", "status"), registry=self._registry, buckets=SECONDS
        )
        self.in_flight = Gauge("crosswalk_requests_in_flight", "Requests being answered", registry=self._registry)
        self.refused = Counter("crosswalk_keys_refused", "Requests with no key in force", registry=self._registry)
        self.context_tokens = Histogram(
            "crosswalk_context_tokens", "Tokens of a pack", registry=self._registry, buckets=(50, 200, 500, 1000, 2000, 5000, 20000, 100000)
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._seconds.labels(method, route, str(status)).observe(seconds)

    def exposition(self) -> bytes:
        """The text format that Prometheus reads."""
        return generate_latest(self._registry)
