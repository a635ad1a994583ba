#!/usr/bin/env bash
# Called by ci.sh in name spaces of its own: starts a Slurm of one controller and two nodes, runs the array of docs/templates/slurm-array.sh on it and
# waits for its end: cluster.sh FOLDER PROGRAM ARGUMENTS OF THE SWEEP.
set -euo pipefail
work=$1 program=$2
shift 2

# With nothing but 127.0.0.1 Slurm cannot resolve even that (getaddrinfo(3), AI_ADDRCONFIG: loopback addresses do not count): one more address.
hostname archsim-slurm
ip link set lo up
ip addr add 10.99.0.1/24 dev lo

# Slurm and munge are strict about who may write to their folders; a file system of our own is nobody else's.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/slurm/spool
cat >/run/slurm/slurm.conf <<CONF
ClusterName=archsim
SlurmctldHost=archsim-slurm(10.99.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=/run/slurm/munge.socket
SlurmctldPidFile=/run/slurm/slurmctld.pid
SlurmctldLogFile=$work/slurmctld.log
StateSaveLocation=/run/slurm/state
SlurmdPidFile=/run/slurm/slurmd-%n.pid
SlurmdLogFile=$work/slurmd-%n.log
SlurmdSpoolDir=/run/slurm/spool/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=n[1-2] NodeHostname=archsim-slurm NodeAddr=10.99.0.1 Port=[17001-17002] CPUs=2 State=UNKNOWN
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
CONF
echo "CgroupPlugin=cgroup/v1" >/run/slurm/cgroup.conf
export SLURM_CONF=/run/slurm/slurm.conf

(umask 077 && head -c 1024 /dev/urandom >/run/slurm/munge.key)
munged --key-file=/run/slurm/munge.key --socket=/run/slurm/munge.socket --pid-file=/run/slurm/munged.pid \
    --seed-file=/run/slurm/munged.seed --log-file="$work/munged.log" --force
slurmctld
for node in n1 n2; do
    mkdir -p /run/slurm/spool/$node
    slurmd -N $node
done
for _ in $(seq 100); do
    idle=$(sinfo --noheader --Node --states=idle 2>/dev/null | wc -l) || idle=0
    [ "$idle" = 2 ] && break
    sleep 0.2
done
sinfo --Node

# Where each job ran is noted by a command around the program, for the check that both nodes had some.
cat >/run/slurm/noting <<NOTE
#!/bin/sh
echo "\$SLURMD_NODENAME" >>"$work/nodes"
exec "$program" "\$@"
NOTE
chmod +x /run/slurm/noting
ARCHSIM=/run/slurm/noting sbatch --wait --output="$work/job-%a.log" docs/templates/slurm-array.sh "$@"
cat "$work"/job-*.log
