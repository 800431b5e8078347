# The runtime is Node 24 of the image; the sources run as they are, so there is nothing to build.
FROM node:24-slim AS packages
WORKDIR /usher
COPY package.json package-lock.json .npmrc ./
# The pinned runtime packages are for machines without Node 24: here they would double the image.
RUN npm ci --omit=dev --omit=optional

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
WORKDIR /usher
COPY --from=packages /usher/node_modules node_modules
COPY package.json LICENSE ./
COPY schemas schemas
COPY src src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
