FROM oven/bun:1.4.5 AS build
WORKDIR /build
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile
COPY . .
RUN bun run build

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /data --create-home chatporch
COPY --from=build /build/dist/chatporch /usr/local/bin/chatporch
USER chatporch
WORKDIR /data
VOLUME /data
ENV NODE_ENV=production DATABASE_PATH=/data/chatporch.db
EXPOSE 4000
ENTRYPOINT ["chatporch"]
