# One image for every process of the portal; docker-compose.yml says which of them a container is.
# Built with network access to a package index; runs without any.

FROM python:3.11-slim-bookworm AS built
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/lra
COPY requirements/ requirements/
# The versions of the lock, checked against its hashes; only what production imports is installed.
RUN python -m venv /opt/tools \
 && /opt/tools/bin/pip install --require-hashes -r requirements/bootstrap.txt \
 && python -m venv /opt/lra \
 && VIRTUAL_ENV=/opt/lra /opt/tools/bin/uv pip install --verify-hashes \
        -r requirements/portal.in -c requirements/lock.txt \
 && VIRTUAL_ENV=/opt/tools /opt/tools/bin/uv pip install --verify-hashes \
        -r requirements/portal.in babel polib -c requirements/lock.txt
COPY . .
# Catalogues and static files are made here, so that the running containers write nothing.
RUN /opt/tools/bin/python -m lra_portal.messages compile \
 && DJANGO_SETTINGS_MODULE=lra_portal.settings.portal SECRET_KEY=used-for-building-alone \
        STATIC_ROOT=/srv/lra/staticfiles /opt/lra/bin/python manage.py collectstatic --no-input \
 && rm -rf tests benchmarks deploy

FROM python:3.11-slim-bookworm
# Japanese letters for what is printed as PDF; without them those pages offer the page for printing instead.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
# 10001 runs what people and relying parties reach; 10002 runs the signer and owns the CA keys.
RUN groupadd --gid 10001 lra && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp lra \
 && groupadd --gid 10002 signer && useradd --uid 10002 --gid 10002 --no-create-home --home-dir /tmp signer \
 && install -d -m 0700 -o signer -g signer /var/lib/lra/ca-keys /var/lib/lra/journal \
 && install -d -m 0700 -o lra -g lra /var/lib/lra/pin-letters
COPY --from=built /opt/lra /opt/lra
COPY --from=built /srv/lra /srv/lra
WORKDIR /srv/lra
ENV PATH=/opt/lra/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 \
    STATIC_ROOT=/srv/lra/staticfiles
USER lra
