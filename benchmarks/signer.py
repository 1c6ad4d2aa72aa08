"""A signer process for benchmarks: gets ready, waits for a line, signs all that waits, says how many and how long."""

import sys
import time


def main() -> None:
    """Be the signer."""
    import django  # noqa: PLC0415 — the settings come from this process's environment

    django.setup()
    from certificates.worker import authorities, batch, keys, linting  # noqa: PLC0415

    for authority in authorities.generations().values():
        keys.load(authority.key_reference)
        linting.pkix_findings(bytes(authority.certificate_der))
    print("ready", flush=True)
    sys.stdin.readline()
    begun, count = time.perf_counter(), 0
    while done := batch.run():
        count += done
    print(count, time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
