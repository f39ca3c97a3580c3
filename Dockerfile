# ksmail as a container. Build: docker build --tag ksmail .   How to run it: docs/operating.md
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# The tools that build come from a lock as well: a build in isolation would fetch whatever is newest.
COPY requirements-build.lock requirements.lock ./
RUN pip install --require-hashes -r requirements-build.lock \
 && pip wheel --require-hashes --no-build-isolation --use-pep517 --wheel-dir /wheels -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY templates templates
COPY ksmail ksmail
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && python -m venv --without-pip /opt/ksmail \
 && pip --python /opt/ksmail/bin/python install --no-index --no-deps /wheels/*.whl \
 && pip --python /opt/ksmail/bin/python check

FROM python:${PYTHON}-slim
# A number that stays the same, so that the owner of the volume does.
RUN groupadd --gid 10001 ksmail \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/ksmail --no-create-home --shell /usr/sbin/nologin ksmail \
 && install -d -m 0755 /etc/ksmail \
 && install -d -m 0700 -o 10001 -g 10001 /var/lib/ksmail
COPY --from=build /opt/ksmail /opt/ksmail
# Mount your own over it; `docker run --rm ksmail cat /etc/ksmail/ksmail.toml` shows what to start from.
COPY config/ /etc/ksmail/
# Only /var/lib/ksmail is ever written, and /tmp: run it with --read-only --tmpfs /tmp.
ENV PATH=/opt/ksmail/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    KSMAIL_CONFIG=/etc/ksmail/ksmail.toml
VOLUME ["/etc/ksmail", "/var/lib/ksmail"]
WORKDIR /var/lib/ksmail
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 CMD ["ksmail", "check", "--live"]
CMD ["ksmail", "run"]
