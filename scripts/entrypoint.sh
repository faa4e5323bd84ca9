#!/bin/sh
# The entry point of our image: exports the commit of the build, for the spans
# (`vcs.ref.head.revision`) and as the name of the build (`shop.build`).
revision=$(cat /app/REVISION)
export VCS_REF_HEAD_REVISION="${VCS_REF_HEAD_REVISION:-$revision}"
export BUILD="${BUILD:-$(printf %.10s "$revision")}"
exec "$@"
