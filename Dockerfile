# One image for the web service and for workers. It holds the recognition models (they come with a Python package) and
# asks nothing of the network when it runs.

# Where Docker Hub cannot be reached: --build-arg BASE=mirror.example/library/python:3.11-slim-bookworm
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

RUN apt-get update \
 && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && pip install --no-cache-dir uv \
 && groupadd --system --gid 10001 caishen \
 && useradd --system --uid 10001 --gid caishen --home-dir /data --shell /usr/sbin/nologin caishen \
 && install -d -o caishen -g caishen -m 0700 /data

WORKDIR /app
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1

# The libraries change rarely, the code often.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-dev --no-install-project --no-cache

COPY models ./models
COPY ocr ./ocr
COPY detect ./detect
COPY service ./service
RUN uv sync --locked --no-dev --no-editable --no-cache

USER caishen
# What a command writes by default (`caishen audit`) lands in the volume too: nothing else can be written.
WORKDIR /data
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 CAISHEN_DATA_DIR=/data CAISHEN_HOST=0.0.0.0
# Fails the build when a library or a model is missing.
RUN caishen doctor

VOLUME /data
EXPOSE 8765
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/healthz', timeout=4)"]
ENTRYPOINT ["caishen"]
CMD ["serve"]
