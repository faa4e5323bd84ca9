#!/bin/sh
# Puts the addresses of `.env` into the links of Jaeger's page, then starts Jaeger.
set -eu
sed \
  -e "s|http://127.0.0.1:16687|$VIEWER_URL|" \
  -e "s|https://github.com/your-organization/your-repository|$REPOSITORY_URL|" \
  /etc/jaeger/jaeger-ui.json >/tmp/jaeger-ui.json
exec /cmd/jaeger/jaeger-linux "$@"
