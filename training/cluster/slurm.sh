#!/usr/bin/env bash
# Train or evaluate on a Slurm cluster, on one node or several, a process for each card:
#
#   sbatch --nodes=2 --gpus-per-node=4 --time=24:00:00 training/cluster/slurm.sh \
#       training/train.py fit --config training/configs/published/inria.yaml --data.root DIR --run inria
#   sbatch --gpus-per-node=4 training/cluster/slurm.sh training/evaluate.py --checkpoint F --data inria --root DIR
#
# Options of sbatch in front win over those here. PYTHON names the Python that has torch, .venv-train's by default.
# A training that Slurm requeues goes on from its last checkpoint: give it a name with --run.
# DRY_RUN=1 bash training/cluster/slurm.sh ... prints the command and runs nothing.
#SBATCH --job-name=uhrs
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --requeue
#SBATCH --output=slurm-%j.log
set -euo pipefail

[ $# -gt 0 ] || { echo "slurm.sh: give what to run, such as training/train.py fit --config FILE" >&2; exit 2; }
nodes=${SLURM_NNODES:-1}
cards=${SLURM_GPUS_ON_NODE:-${SLURM_GPUS_PER_NODE:-0}}
cards=${cards##*:}                       # "a100:4" is four
processes=$((cards > 0 ? cards : 1))     # without cards one process, on the processor
head=$(scontrol show hostnames "${SLURM_JOB_NODELIST:-localhost}" 2>/dev/null | head -n 1 || true)
python=${PYTHON:-.venv-train/bin/python}
arguments=("$@")
if [ "${SLURM_RESTART_COUNT:-0}" -gt 0 ] && [[ $1 == *train.py ]] && [[ " $* " != *" --ckpt_path"* ]]; then
    arguments+=(--ckpt_path last)        # of the run that --run names
fi
command=("$python" -m torch.distributed.run --nnodes="$nodes" --nproc_per_node="$processes" --max_restarts=0
    --rdzv_id="${SLURM_JOB_ID:-0}" --rdzv_backend=c10d --rdzv_endpoint="${head:-localhost}:${RENDEZVOUS_PORT:-29400}"
    "${arguments[@]}")
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$(((${SLURM_CPUS_PER_TASK:-1} + processes - 1) / processes))}
if [ -n "${DRY_RUN:-}" ]; then
    printf 'OMP_NUM_THREADS=%s srun' "$OMP_NUM_THREADS"; printf ' %q' "${command[@]}"; printf '\n'
    exit 0
fi
exec srun "${command[@]}"
