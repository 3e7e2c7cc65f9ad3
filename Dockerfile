# syntax=docker/dockerfile:1

# Both bases are pinned by the digest of their multi-platform index; the tag
# beside it says what the digest was when it was pinned. The compiler is the one
# that go.mod names: where the base has an older one, Go fetches it as it fetches
# modules, and checks it against the same sums.
FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm@sha256:dc9ad6c05acc7a88e5b71bde60a5fe3bd4b9f0db209011711b464107438a8107 AS build
ENV GOTOOLCHAIN=auto
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY . .
# The history stays outside, so the builder is told what it builds.
ARG VERSION=dev
ARG REVISION=
ARG TARGETOS
ARG TARGETARCH
# The web app's dist is committed, so no Node is needed here. The tag leaves out
# gRPC's page of traces, which nothing here serves and whose templates would make
# the linker keep five megabytes of methods that nothing calls.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -tags grpcnotrace -ldflags "-s -w -X main.version=$VERSION -X main.revision=$REVISION" -o /out/imagechat ./cmd/imagechat

FROM gcr.io/distroless/static-debian12:latest@sha256:d75cdd72874d4790092fcb1b058493ecf6bb5bf2b2b897045b00ff01d91843f2
ARG VERSION=dev
ARG REVISION=
LABEL org.opencontainers.image.title="Gemini Image Chat" \
    org.opencontainers.image.description="Marketing images by conversation" \
    org.opencontainers.image.source="https://github.com/gemini-image-chat/gemini-image-chat" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version=$VERSION \
    org.opencontainers.image.revision=$REVISION
COPY --from=build /out/imagechat /imagechat
# A new volume belongs to root. The program starts as root for as long as it
# takes to make its directory on the volume, then becomes 65532 (distroless's
# nonroot) for good; with --user 65532 it starts on directories that are its own.
ENV RUN_AS=65532:65532 \
    HOST=0.0.0.0 \
    PORT=8080 \
    APP_ENV=production \
    DATABASE_URL=sqlite:////data/app/image_chat.db \
    BLOB_URL=file:///data/app/blobs
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["/imagechat", "healthcheck"]
ENTRYPOINT ["/imagechat"]
