#!/usr/bin/env bash
# Train or evaluate on the cards of this machine, or of several machines without a scheduler, a process for each card:
#
#   bash training/cluster/torchrun.sh training/train.py fit --config training/configs/published/inria.yaml --data.root DIR
#   MACHINES=2 HEAD=10.0.0.5 bash training/cluster/torchrun.sh training/evaluate.py --checkpoint F --data inria --root DIR
#
# On several machines the same line is started on each; HEAD is the address of one of them, and the data and the folder
# of the run are where all can read them. CUDA_VISIBLE_DEVICES takes some cards only, PROCESSES another number of
# processes here, RENDEZVOUS_PORT another port than 29400. PYTHON names the Python that has torch, .venv-train's by default.
# DRY_RUN=1 prints the command and runs nothing. Where Slurm is, use slurm.sh.
set -euo pipefail

[ $# -gt 0 ] || { echo "torchrun.sh: give what to run, such as training/train.py fit --config FILE" >&2; exit 2; }
machines=${MACHINES:-1}
[[ $machines =~ ^[1-9][0-9]*$ ]] || { echo "torchrun.sh: MACHINES is '$machines'; give how many, from 1 on" >&2; exit 2; }
[ "$machines" = 1 ] || [ -n "${HEAD:-}" ] || { echo "torchrun.sh: $machines machines need HEAD, the address of one of them" >&2; exit 2; }
if [ -n "${PROCESSES:-}" ]; then
    processes=$PROCESSES
elif [ -n "${CUDA_VISIBLE_DEVICES+set}" ]; then
    processes=$(tr ',' '\n' <<<"$CUDA_VISIBLE_DEVICES" | grep -c . || true)
else
    processes=$(nvidia-smi --list-gpus 2>/dev/null | grep -c . || true)
fi
[[ $processes =~ ^[0-9]+$ ]] || { echo "torchrun.sh: PROCESSES is '$processes'; give how many, from 1 on" >&2; exit 2; }
processes=$((processes > 0 ? processes : 1))   # without cards one process, on the processor
where=(--standalone)
if [ "$machines" -gt 1 ]; then
    where=(--nnodes="$machines" --rdzv_id="${RUN_ID:-uhrs}" --rdzv_backend=c10d
        --rdzv_endpoint="$HEAD:${RENDEZVOUS_PORT:-29400}")
fi
command=("${PYTHON:-.venv-train/bin/python}" -m torch.distributed.run "${where[@]}" --nproc_per_node="$processes"
    --max_restarts=0 "$@")
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$((($(getconf _NPROCESSORS_ONLN) + processes - 1) / processes))}
if [ -n "${DRY_RUN:-}" ]; then
    printf 'OMP_NUM_THREADS=%s' "$OMP_NUM_THREADS"; printf ' %q' "${command[@]}"; printf '\n'
    exit 0
fi
exec "${command[@]}"
