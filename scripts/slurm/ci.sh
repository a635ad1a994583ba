#!/usr/bin/env bash
# A sweep as an array of four jobs on a Slurm of our own, merged, against the same sweep in one process: `bash scripts/slurm/ci.sh PROGRAM`.
#
# The jobs are docs/templates/slurm-array.sh itself. The cluster (Debian's Slurm: one controller, two nodes) runs in name spaces of its own: no packet leaves
# it, and everything it starts ends with it. It needs root and apt-get; elsewhere the check is skipped, except where CI=true.
set -euo pipefail
cd "$(dirname "$0")/../.."
archsim=$(realpath "${1:?the program to test}")

skip() {
    if [ "${CI:-}" = true ]; then
        echo "Slurm has to be tested in CI, but: $1" >&2
        exit 1
    fi
    echo "skipped: $1"
    exit 0
}

[ "$(id -u)" = 0 ] || skip "a Slurm cluster of our own needs root"
if ! { command -v slurmctld && command -v slurmd && command -v sbatch && command -v munged && command -v ip; } >/dev/null; then
    command -v apt-get >/dev/null || skip "Slurm is not installed, and there is no apt-get"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurmctld slurmd slurm-client munge iproute2; } >/dev/null ||
        skip "apt-get cannot install Slurm"
fi
unshare --net true 2>/dev/null || skip "the system does not allow name spaces"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sweep=(scenarios/one-server.ron "how busy" --duration 20m)

if ! unshare --net --uts --pid --mount --fork --kill-child --mount-proc \
    timeout 300 bash scripts/slurm/cluster.sh "$work" "$archsim" "${sweep[@]}" --out "$work/parts"; then
    tail -n 40 "$work"/*.log >&2
    echo "the array did not come to its end" >&2
    exit 1
fi

"$archsim" sweep "${sweep[@]}" --out "$work/one" --quiet >"$work/one.txt"
"$archsim" merge "$work/parts" --out "$work/merged" --quiet >"$work/merged.txt"
cmp "$work/one.txt" "$work/merged.txt"
# manifest.json says when, where and by which command.
diff -r --exclude=manifest.json "$work/one" "$work/merged"
shards=$(ls "$work/parts/shards" | wc -l)
nodes=$(sort -u "$work/nodes" | wc -l)
[ "$shards" = 4 ] && [ "$nodes" = 2 ] || { echo "$shards shards on $nodes nodes, not 4 on 2" >&2; exit 1; }
echo "4 shards on 2 Slurm nodes, merged: $(ls "$work/one/points" | wc -l) points, the same bytes as one process"
