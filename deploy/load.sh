#!/bin/sh
# A made-up shop: StatsD lines of its requests on standard output, ten bursts a second, for ever or until nobody reads.
#
#   deploy/load.sh | weir send --to udp://127.0.0.1:8125
burst=0
while :; do
  awk -v seed="$burst" -v now="$(date +%s)" 'BEGIN {
    srand(now * 1000 + seed)
    split("/ /cart /pay /search", routes, " ")
    split("eu us", regions, " ")
    # It comes and goes within two minutes.
    requests = int(30 + 20 * sin(now * 3.14159 / 60))
    for (i = 0; i < requests; ++i) {
      route = 1 + int(4 * rand()); region = 1 + int(2 * rand())
      tags = "|#route:" routes[route] ",region:" regions[region]
      printf "shop.latency:%.1f|ms%s\n", route * 8 - 12 * log(1 - rand()), tags
      if (rand() < 0.02) printf "shop.errors:1|c%s\n", tags
    }
    printf "shop.queue:%d|g\nshop.visitors:%d|s\n", requests * rand(), int(2000 * rand())
  }' || exit 0
  burst=$((burst + 1))
  sleep 0.1
done
