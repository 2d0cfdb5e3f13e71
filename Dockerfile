# syntax=docker/dockerfile:1
# Compiles on the builder's own system for the image's, so that an image for arm64 needs no emulation: the last
# stage runs nothing.
FROM --platform=$BUILDPLATFORM oven/bun:1.4.5 AS build
WORKDIR /build
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile
COPY . .
ARG TARGETARCH
RUN bun scripts/build.ts dist/chatporch "bun-linux-$(echo "$TARGETARCH" | sed 's/amd64/x64/')"

FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS files
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /data --create-home chatporch

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="chatporch" \
  org.opencontainers.image.description="A self-hosted AI chat for websites, in one fast process and one binary" \
  org.opencontainers.image.licenses="MIT"
COPY --from=files /etc/passwd /etc/group /etc/
COPY --from=files /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=files --chown=10001:10001 /data /data
COPY --from=build /build/dist/chatporch /usr/local/bin/chatporch
USER chatporch
WORKDIR /data
VOLUME /data
ENV NODE_ENV=production DATABASE_PATH=/data/chatporch.db
EXPOSE 4000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s CMD ["chatporch", "health"]
ENTRYPOINT ["chatporch"]
