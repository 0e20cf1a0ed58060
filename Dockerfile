# One image for every process; docker-compose.yml says what each runs.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
# libosdp and pynfc have no wheel for every platform.
RUN apt-get update && apt-get install --yes --no-install-recommends build-essential cmake
RUN python -m venv /opt/venv
COPY requirements/base.txt /tmp/base.txt
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes -r /tmp/base.txt

FROM ${PYTHON} AS run
# The desk reader's libraries, used by gateways only.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libnfc6 libfreefare-dev \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 scif \
    && useradd --uid 10001 --gid scif --no-create-home --home-dir /var/lib/scif scif \
    # Volumes take owner and mode of the directory that they cover.
    && install -d -o scif -g scif -m 0700 \
       /var/lib/scif /var/lib/scif/journal /var/lib/scif/gateways /var/lib/scif/beat \
       /var/lib/scif/airlock
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=scif.settings.production
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY manage.py LICENSE ./
COPY access access
COPY hardware hardware
COPY inspections inspections
COPY scif scif
COPY static static
COPY templates templates
COPY terminals terminals
COPY deploy/entrypoint /usr/local/bin/entrypoint
# Collecting needs whole settings, though none of these values: they end with this line.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    ALLOWED_HOSTS=build JOURNAL_ORIGIN=build DB_HOST=build DB_NAME=build DB_USER=build \
    DB_PASSWORD=build VALKEY_URL=unix:///build SCIF_KEYS=/build SCIF_VAR=/build \
    python manage.py collectstatic --noinput
USER scif
ENTRYPOINT ["entrypoint"]
