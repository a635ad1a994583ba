#!/bin/bash
# A sweep as a Slurm job array: four shards that share a folder. What follows the name of this file is what `archsim sweep` takes:
#
#   sbatch slurm-array.sh shop.ron "how much" --out parts
#   sbatch slurm-array.sh shop.ron --vary "web.replicas=1..=64" --out parts
#
# and when the array is done, on any machine (or as a job of its own: sbatch --dependency=afterok:ID --wrap "..."):
#
#   archsim merge parts --out results
#
# The folder has to be on a file system that all nodes see. Jobs that failed, ran out of time or were preempted: submit the same array again,
# finished points are not run twice. More or fewer shards: --array=0-15; it need not begin at 0.
#
#SBATCH --job-name=archsim
#SBATCH --array=0-3
#SBATCH --cpus-per-task=2
#SBATCH --output=archsim-%A-%a.log
#SBATCH --requeue
set -euo pipefail

# Slurm tells each job its number and how many there are; `auto` reads them.
exec "${ARCHSIM:-archsim}" sweep "$@" --shard auto --threads "${SLURM_CPUS_PER_TASK:-1}" --no-progress
