# One image for all programs of ours: the services, the worker, the viewer, the kit.
# `docker compose build` makes it; which Python it stands on is said in .env.
ARG PYTHON_IMAGE

# What the lock file names. Only a change of the lock file, or of what pip is told,
# installs again; the cache survives even that.
FROM ${PYTHON_IMAGE} AS dependencies
# Where the packages come from, for those who use an index of their own.
ARG PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST
RUN python -m venv --without-pip /opt/venv
COPY requirements.lock /tmp/
# Only wheels: no compiler is needed, so that none is left behind.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m pip --python /opt/venv/bin/python install --disable-pip-version-check \
        --only-binary :all: --require-hashes --requirement /tmp/requirements.lock

# The commit that is checked out, unless the build is told.
FROM ${PYTHON_IMAGE} AS revision
ARG REVISION
COPY scripts/revision.py .git* /git/
RUN echo "${REVISION:-$(python /git/revision.py /git)}" > /REVISION

FROM ${PYTHON_IMAGE}
# The folder of the data belongs to the user that writes it: a volume starts as its copy.
RUN useradd --system --uid 10000 --no-create-home kit && install -d -o kit -g kit /data
COPY --from=dependencies /opt/venv /opt/venv
WORKDIR /app
COPY .env pyproject.toml ./
COPY instrumentation instrumentation
COPY demo_services demo_services
COPY tracing_starter_kit tracing_starter_kit
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1
# As pip would write it; the code itself stays where the viewer shows it.
RUN printf '#!/bin/sh\nexec python -m tracing_starter_kit "$@"\n' > /opt/venv/bin/kit \
    && chmod +x /opt/venv/bin/kit
# Compiled here, because the running container's file system is read-only. Readable for
# all, also where the checkout is not.
RUN python -m compileall -q . && chmod -R a+rX .
COPY --from=revision /REVISION ./
COPY scripts/entrypoint.sh ./
USER kit
ENTRYPOINT ["/app/entrypoint.sh"]
