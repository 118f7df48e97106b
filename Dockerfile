# The runner as an image: docker build --tag sureping .
# All that the last stage copies is JavaScript, so the build runs once, on the builder's own platform, for every target:
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
RUN node node_modules/gulp/bin/gulp.js runner
# What runs: the package's files, and the dependencies of package-lock.json without those of the build.
RUN npm ci --ignore-scripts --omit=dev --workspace=runner \
	&& rm -r node_modules/sureping \
	&& mkdir -p /image/app/runner /image/data \
	&& mv node_modules /image/app/ \
	&& cd runner \
	&& mv bin dist package.json LICENSE config.schema.json sureping.example.yaml node_modules /image/app/runner/ \
	&& chmod 1777 /image/data

FROM docker.io/library/node:24-slim
# A release adds the version and the revision.
LABEL org.opencontainers.image.title="Sureping" \
	org.opencontainers.image.description="Sends notifications durably, with retry and fallback, and pushes signed delivery events" \
	org.opencontainers.image.source="https://github.com/sureping/sureping" \
	org.opencontainers.image.documentation="https://github.com/sureping/sureping/blob/main/docs/README.md" \
	org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
COPY --from=build /image/ /
WORKDIR /data
# By number, so that Kubernetes can tell that it is not root. Any other user works too: /data is writable for all.
USER 10001:10001
VOLUME /data
EXPOSE 8477
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
	CMD ["node", "-e", "fetch('http://127.0.0.1:8477/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/runner/bin/sureping.mjs"]
CMD ["serve", "--host", "0.0.0.0", "--data-dir", "/data"]
