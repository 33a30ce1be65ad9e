# What is optional, of pyproject.toml's extras; with EXTRAS= neither charts nor PostgreSQL.
ARG EXTRAS=charts,postgres

FROM python:3.13-slim AS build
ARG EXTRAS
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY deploy/constraints.txt deploy/
COPY bot bot
COPY cogs cogs
RUN pip wheel --no-cache-dir --constraint deploy/constraints.txt --wheel-dir /wheels ".${EXTRAS:+[$EXTRAS]}"

FROM python:3.13-slim
ARG EXTRAS
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links /wheels "imagine-discord-bot${EXTRAS:+[$EXTRAS]}" \
    && rm -rf /wheels \
    && useradd --uid 10001 --create-home imagine \
    && install --directory --owner imagine --group imagine --mode 0700 /data
# matplotlib looks for its fonts once, and remembers them where it may write.
# The health check below asks at the port, which only this container reaches; WEB_PORT= asks nothing.
ENV DATA_DIR=/data \
    WEB_PORT=8080 \
    MPLCONFIGDIR=/data/matplotlib \
    PYTHONUNBUFFERED=1
USER imagine
WORKDIR /home/imagine
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=2 \
    CMD ["python", "-c", "import os, sys, http.client as h; port = os.environ.get('WEB_PORT') or sys.exit(); c = h.HTTPConnection(os.environ.get('WEB_HOST') or '127.0.0.1', int(port)); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
