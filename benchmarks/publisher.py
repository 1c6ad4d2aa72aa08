"""A publishing process for benchmarks: builds one authority's list some times and says how long each part took.

From outside come the authority's name and how often; the answer is one JSON object on standard output.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any


def main() -> None:
    """Be the publisher."""
    import django  # noqa: PLC0415 — the settings come from this process's environment

    django.setup()
    from audit.actors import Actor  # noqa: PLC0415
    from certificates.models import CertificationAuthority  # noqa: PLC0415
    from revocation.worker import crl_publishing  # noqa: PLC0415

    authority = CertificationAuthority.objects.get(name=sys.argv[1])
    moments: dict[str, float] = {}
    # From opening the snapshot to the flushed file: no service returns these moments, so they are noted on the way.
    for name in ("_snapshot", "_write"):
        setattr(crl_publishing, name, _noting(getattr(crl_publishing, name), moments))
    built, published, crl = [], [], None
    for _ in range(int(sys.argv[2])):
        begun = time.perf_counter()
        crl = crl_publishing.publish(authority=authority, shard=0, actor=Actor.system("publisher"), force=True)
        published.append(time.perf_counter() - begun)
        built.append(moments["_write:end"] - moments["_snapshot:begin"])
    assert crl is not None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"built": built, "published": published, "peak_mb": peak, "entries": crl.entry_count}))


def _noting(work: Callable[..., Any], moments: dict[str, float]) -> Callable[..., Any]:
    """Return `work`, which now also notes when it last began and ended."""

    def noted(*arguments: Any) -> Any:
        moments[f"{work.__name__}:begin"] = time.perf_counter()
        result = work(*arguments)
        moments[f"{work.__name__}:end"] = time.perf_counter()
        return result

    return noted


if __name__ == "__main__":
    main()
