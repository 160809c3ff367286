# Two images from one wheel: `city` for the servers, `gateway` for the box at a site.
#   docker build --target city -t wifi-manager:city .
#   docker build --target gateway -t wifi-manager:gateway .
# Every dependency is the version of requirements.lock, checked by its hash, and nothing else is fetched later on.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --no-deps --require-hashes --wheel-dir /wheels --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY wifi_manager ./wifi_manager
COPY portal ./portal
COPY provisioning ./provisioning
COPY configs ./configs
RUN pip install --no-cache-dir --no-index --find-links /wheels hatchling \
    && pip wheel --no-cache-dir --no-index --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.11-slim-bookworm AS runtime
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/wifi-manager wifi-manager
WORKDIR /var/lib/wifi-manager

FROM runtime AS city
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels 'public-wifi-manager[city]'
USER wifi-manager
VOLUME /var/lib/wifi-manager
ENTRYPOINT ["wifi-manager"]
CMD ["--help"]

# Run it with `--network host --cap-drop ALL --cap-add NET_ADMIN --cap-add NET_RAW --cap-add NET_BIND_SERVICE`: its
# user is not root, so the few programs that change the network carry those capabilities themselves.
FROM runtime AS gateway
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chrony conntrack dnsmasq-base iproute2 libcap2-bin nftables \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels 'public-wifi-manager[gateway]'
RUN for program in python3 nft ip tc conntrack dnsmasq chronyd; do \
        setcap cap_net_admin,cap_net_raw,cap_net_bind_service=ep "$(readlink -f "$(command -v "$program")")" || exit 1; \
    done
USER wifi-manager
VOLUME /var/lib/wifi-manager
ENTRYPOINT ["wifi-manager"]
CMD ["--help"]
