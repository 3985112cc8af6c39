FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# What the engine needs to run: no embedded servers, no tools. Wheels only, so no compiler either.
COPY requirements-production.lock ./
RUN python -m venv --without-pip /opt/lead-engine \
    && pip --python /opt/lead-engine/bin/python install \
        --require-hashes --only-binary :all: -r requirements-production.lock

# The engine itself, as a wheel. What builds it is pinned too, in the lock of all tools, and stays behind here.
COPY requirements.lock ./
RUN sed -n '/^setuptools==/,/# via/p' requirements.lock > build.lock \
    && pip install --require-hashes --only-binary :all: -r build.lock
COPY pyproject.toml README.md LICENSE* ./
COPY domain domain
COPY engine engine
COPY workflows workflows
COPY api api
COPY jobs jobs
COPY scripts scripts
COPY console/dist console/dist
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/lead-engine/bin/python install --no-deps --no-index dist/*.whl

FROM python:3.11-slim-bookworm
ENV PATH=/opt/lead-engine/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin lead-engine
COPY --from=build /opt/lead-engine /opt/lead-engine
USER 10001
WORKDIR /srv
EXPOSE 8000
ENTRYPOINT ["lead-engine"]
