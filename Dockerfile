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
ENV DATA_DIR=/data \
    MPLCONFIGDIR=/data/matplotlib \
    PYTHONUNBUFFERED=1
USER imagine
WORKDIR /home/imagine
VOLUME /data
STOPSIGNAL SIGTERM
# The running bot touches this file every 15 s while Discord's gateway answers; nothing else does.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=2 \
    CMD ["python", "-c", "import os, sys, time; sys.exit(time.time() - os.stat('/data/alive').st_mtime > 60)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
