# Debian 13 with all that ./dev needs, for machines where ./dev cannot make its own root:
#   docker build -t telltale-dev .
#   docker run --rm -it --init --network host -v "$PWD:$PWD" -w "$PWD" telltale-dev ./dev up
FROM debian:13-slim
COPY packages /tmp/packages
RUN apt-get update \
 && sed 's/#.*//' /tmp/packages/build.txt /tmp/packages/test.txt \
    | DEBIAN_FRONTEND=noninteractive xargs apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/* /tmp/packages
ENV LANG=C.UTF-8
