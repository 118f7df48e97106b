# The runner as an image: docker build --tag sureping .
# The target n8n-nodes is the n8n package, as compose.n8n.yaml puts it into n8n.
#
# All that the last two stages copy is JavaScript, so one build serves every platform and runs on the builder's own:
# docker buildx build --platform linux/amd64,linux/arm64 .

FROM --platform=$BUILDPLATFORM docker.io/library/node:24-slim AS build
WORKDIR /src
# The manifests come first: dependencies are installed again only when these files change.
COPY package.json package-lock.json .npmrc ./
COPY engine/package.json engine/
COPY runner/package.json runner/
COPY runner/bin/ runner/bin/
COPY site/package.json site/
COPY test/openapi/package.json test/openapi/
RUN npm ci --ignore-scripts --workspace=engine --workspace=runner
COPY . .
RUN node node_modules/gulp/bin/gulp.js build && node scripts/stage/main.ts
# The runner's package has its dependencies inside. Its data directory is open to every user, as /tmp is, so that the
# container may run as any of them.
RUN mkdir -p /image/usr/local/bin /image/data \
	&& chmod 1777 /image/data \
	&& cp -r dist/packages/sureping /image/app \
	&& ln -s /app/bin/sureping.mjs /image/usr/local/bin/sureping

FROM docker.io/library/node:24-slim AS n8n-nodes
# The user and the folder of n8n's image. A new volume takes over the owner of the folder that it is mounted on.
COPY --from=build --chown=1000:1000 /src/dist/packages/n8n-nodes-sureping /package/node_modules/n8n-nodes-sureping
WORKDIR /nodes
RUN chown 1000:1000 /nodes
USER 1000:1000
CMD ["cp", "-R", "/package/node_modules", "/nodes/"]

FROM docker.io/library/node:24-slim
# A release adds the version and the revision.
LABEL org.opencontainers.image.title="Sureping" \
	org.opencontainers.image.description="Sends notifications durably, with retry and fallback, and pushes signed delivery events" \
	org.opencontainers.image.source="https://github.com/sureping/sureping" \
	org.opencontainers.image.documentation="https://github.com/sureping/sureping/blob/main/docs/operate/docker.md" \
	org.opencontainers.image.licenses="MIT"
# Its files come from the host with the host's user ids, so their owners say nothing.
ENV NODE_ENV=production SUREPING_IN_IMAGE=1
COPY --from=build /image/ /
WORKDIR /data
# By number, so that Kubernetes can tell that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8477
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=10m \
	CMD ["node", "-e", "fetch('http://127.0.0.1:8477/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["sureping"]
CMD ["serve", "--host", "0.0.0.0", "--data-dir", "/data"]
