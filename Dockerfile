# syntax=docker/dockerfile:1
# The bundle is JavaScript, the same for every platform: it is built once, where the builder runs.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

# Node and nothing else: no shell, no package manager, no node_modules.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.title="Tidegate" \
      org.opencontainers.image.description="A GitOps reconciliation controller that speaks Flux's API" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /src/package.json /src/LICENSE /app/
COPY --from=build /src/crds /app/crds
COPY --from=build /src/deploy/install.yaml /app/deploy/install.yaml
COPY --from=build /src/dist /app/dist
USER 65532:65532
WORKDIR /tmp
EXPOSE 8080 9090 9440
# Node takes the memory limit of the container for its machine; three quarters of it go to the heap,
# the rest is for buffers and native code.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size-percentage=75", "/app/dist/tidegate.mjs"]
CMD ["controller"]
