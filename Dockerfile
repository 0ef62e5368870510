# A service container: plain Debian and Python, the pinned dependencies, the wheel. Nothing is written at run time.
ARG PYTHON_IMAGE=python:3.14-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# What changes least comes first: a change of the code downloads nothing anew.
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /build \
 && /build/bin/python -m pip install --quiet --require-hashes --only-binary :all: --requirement requirements-build.lock \
 && python -m venv --without-pip /opt/mockserver \
 && /build/bin/python -m pip --python /opt/mockserver/bin/python install --quiet --no-compile \
      --require-hashes --only-binary :all: --requirement requirements.lock

COPY . .
RUN /build/bin/hatchling build --target wheel --directory /wheel \
 && /build/bin/python -m pip --python /opt/mockserver/bin/python install --quiet --no-compile --no-deps /wheel/*.whl \
 && /opt/mockserver/bin/python image/sbom.py requirements.lock > /opt/mockserver/sbom.cdx.json

# Without .pyc files a start takes four times as long, and a read-only root cannot get them later. The Python images
# have none of the standard library either.
RUN python image/compiled.py /opt/mockserver /pyc


FROM ${PYTHON_IMAGE}
COPY --from=build /pyc/ /
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH="/opt/mockserver/bin:${PATH}" PYTHONDONTWRITEBYTECODE=1 MOCKSERVER_HOST=0.0.0.0

# Behind the copies: not every builder sees that an argument has changed.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mockserver" \
      org.opencontainers.image.description="An offline stand-in for the merchant and identity backends that a token hand-off talks to." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# A mockserver.yaml that is mounted here counts.
WORKDIR /config
USER 65532:65532
EXPOSE 8080 8443 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=2s --timeout=2s --start-period=5s --retries=5 CMD ["mockserver", "healthcheck"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
