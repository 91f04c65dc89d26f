"""Clusters, as far as one machine can play them."""

import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

pytestmark = pytest.mark.slow

Train = Callable[..., CompletedProcess[str]]
PROGRAMS = {
    # Runs the script as a job on two nodes, both this machine.
    "sbatch": """
for word; do script=$word; done
cp "$script" submitted.sh
echo "Submitted batch job 4217"
export SLURM_JOB_ID=4217 SLURM_JOB_NAME=hdr-train SLURM_NTASKS=2 SLURM_NTASKS_PER_NODE=1
export SLURM_NNODES=2 SLURM_JOB_NUM_NODES=2 SLURM_NODELIST=localhost SLURM_JOB_NODELIST=localhost
sh "$script" > job.out 2>&1 < /dev/null &
""",
    # Runs the command once for every task.
    "srun": """
while [ "${1#-}" != "$1" ]; do case "$1" in --output|--error) shift;; esac; shift; done
for rank in 0 1; do
  SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=$rank SLURM_NODEID=$rank SLURM_LOCALID=0 "$@" > task_$rank.out 2>&1 &
done
wait
""",
    "sacct": "echo 'JobID|State'; echo '4217|RUNNING'",
}


def test_slurm_trains_one_run_on_two_nodes(
    train: Train, quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in PROGRAMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    launcher = ["hydra/launcher=slurm", "hydra.launcher.nodes=2", "hydra.launcher.tasks_per_node=1"]
    ranks = ["trainer=ddp_cpu", "trainer.num_nodes=2", "trainer.devices=1"]
    done = train(
        "-m", "seed=choice(3)", *launcher, *quick, *ranks, "run_dir=out", cwd=tmp_path, warnings="default"
    )
    assert done.returncode == 0, done.stderr
    script = (tmp_path / "submitted.sh").read_text()
    for line in ("--nodes=2", "--ntasks-per-node=1", "--gpus-per-node=1", "--signal=USR2@120"):
        assert f"#SBATCH {line}\n" in script
    assert "\nexport SLURM_KILL_BAD_EXIT=1\n" in script and "\nsrun " in script
    assert [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()] in (
        ["seed=3", ".submitit"],
        [".submitit", "seed=3"],
    )
    record = yaml.safe_load((tmp_path / "out" / "seed=3" / "run.yaml").read_text())
    assert record["state"] == "finished"
    told = [(tmp_path / f"task_{rank}.out").read_text() for rank in (0, 1)]
    assert all("Job completed successfully" in text for text in told)
    assert ["Scenes: " in text for text in told] == [True, False]  # one run
