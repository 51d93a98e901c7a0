#!/usr/bin/env bash
# One job that grades a class on several nodes: scheduler and `grade` on the first, a worker on each.
#
#     sbatch docs/cluster/slurm.sh submissions/ --roster class.csv
#
# `grade` has to be on the PATH of the nodes, and this folder on a disk that all of them share. Given again, a job that was
# stopped goes on where it was.
#SBATCH --job-name=grade
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --time=04:00:00
set -euo pipefail
umask 077 # keys, the course secret and hand-ins are nobody else's

shared=$(mktemp -d "$PWD/.grade-cluster-XXXXXX")
jobs=${SLURM_CPUS_PER_TASK:-1}
pids=()
end() { # what was started here, and the keys, which are of no use afterwards
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf "$shared"
}
trap end EXIT

grade cluster keys "$shared/keys" --days 7 >/dev/null
tls() { printf -- '--tls-ca-file\n%s\n--tls-cert\n%s\n--tls-key\n%s\n' "$shared/keys/$1"/{ca,cert,key}.pem; }
mapfile -t scheduler < <(tls scheduler)
mapfile -t worker < <(tls worker)
export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False # nobody looks at it

dask scheduler --protocol tls --port 0 --no-dashboard --no-show --scheduler-file "$shared/scheduler.json" \
  "${scheduler[@]}" &
pids+=($!)
until [ -s "$shared/scheduler.json" ]; do
  kill -0 "${pids[0]}" # or it never comes
  sleep 0.2
done

srun dask worker --scheduler-file "$shared/scheduler.json" --nworkers 1 --nthreads "$jobs" --memory-limit 0 \
  --no-dashboard --local-directory "${TMPDIR:-/tmp}" "${worker[@]}" &
pids+=($!)

grade "$@" --jobs "$jobs" --cluster "$shared/scheduler.json" --cluster-keys "$shared/keys/client"
