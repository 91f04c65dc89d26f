"""What each switch of a training step gains and costs: time, memory, and how far the loss moves.

    python -m benchmarks.switches [--rounds 5] [--width 0.25] [--patch 128] [--batch 4]
    python -m benchmarks.switches --device cuda --width 1 --patch 250 --batch 64  # the paper's, on a GPU

All variants start from the same weights and take turns with the same batch. Operations counted are those of
the convolutions, both ways; the roofline is what a large matrix product does in the same run and type.
On a CPU memory is what two steps add to the peak of a process of its own.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import Cost, alone, clock, memory, note, ratio, since, table, take_turns, typical
from benchmarks.running import composed
from hdr_lightning.training.assembly import build_module

VARIANTS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "compute.channels_last=false": {"channels_last": False},
    "trainer.precision=bf16-mixed": {"bf16": True},
    "compute.compile=true": {"compile": True},
    "compute.gradient_checkpointing=true": {"gradient_checkpointing": True},
    "bf16 and gradient checkpointing": {"bf16": True, "gradient_checkpointing": True},
}
SHIPPED = "as shipped"
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 1e-2}


class Step(NamedTuple):
    """A step of one variant, and the type that its convolutions compute in."""

    take: Callable[[], float]
    kind: torch.dtype


def main(words: list[str] | None = None) -> None:
    args = arguments(words)
    if args.memory:
        print(added_memory(args.memory, args))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder  # a translation of before would hide its time
        compare(args)


def arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--patch", type=int, default=128)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS), metavar="VARIANT")
    parser.add_argument("--memory", metavar="VARIANT", help=argparse.SUPPRESS)
    return parser.parse_args(words)


def compare(args: argparse.Namespace) -> None:
    steps, first, losses = {}, {}, {}
    for name in args.only:
        note(f"First step, {name}")
        steps[name] = build(name, args)
        start = clock()
        losses[name] = steps[name].take()
        first[name] = since(start)
        apart = abs(losses[name] - losses[SHIPPED])
        if apart > TOLERANCE[steps[name].kind]:
            raise SystemExit(f"Expected the loss {losses[SHIPPED]}. Got {losses[name]} from {name}")
    note("Steps in turn")
    costs = take_turns({name: step.take for name, step in steps.items()}, args.rounds)
    peaks = {name: peak(name, args) for name in args.only}
    with FlopCounterMode(display=False) as counter:
        steps[SHIPPED].take()
    roofs = {kind: roof(kind, args.device) for kind in {step.kind for step in steps.values()}}
    rows = []
    for name, spent in costs.items():
        seconds = fair(typical(spent), args.device)
        share = counter.get_total_flops() / seconds / roofs[steps[name].kind]
        rows.append(
            [
                f"`{name}`" if "=" in name else name,
                f"{fair(ratio(spent, costs[SHIPPED]), args.device):.2f}",
                f"{peaks[name] / max(peaks[SHIPPED], 1):.2f}",
                f"{args.batch / seconds:.2f}",
                f"{peaks[name]:.0f}",
                f"{100 * share:.0f}",
                f"{fair(first[name], args.device):.1f}",
                f"{abs(losses[name] - losses[SHIPPED]):.0e}",
            ]
        )
    unit = "patches a second" if args.device == "cuda" else "patches a second of the processor"
    title = (
        f"Training step of width {args.width:g} with {args.batch} patches of {args.patch} x {args.patch} on "
        f"{args.device} ({torch.get_num_threads()} threads), {counter.get_total_flops() / 1e9:.0f} GFLOP, "
        f"medians of {args.rounds} rounds; a matrix product does "
        + " and ".join(f"{done / 1e9:.0f} GFLOP/s in {str(kind)[6:]}" for kind, done in roofs.items())
    )
    header = ["variant", "time", "memory", unit, "MB", "% of the roofline", "first step, s", "loss apart"]
    table(title, header, rows)


def fair(cost: Cost, device: str) -> float:
    """On a CPU the time of the processor counts, for others work there too; on a GPU the clock."""
    return cost.wall if device == "cuda" else cost.cpu


def build(name: str, args: argparse.Namespace) -> Step:
    """One step of the run that `train.py` would do with these settings, on generated patches."""
    switches = VARIANTS[name]
    config = composed("model=vgg", f"model.width={args.width}")
    config["compute"] |= {key: on for key, on in switches.items() if key != "bf16"}
    torch.manual_seed(0)
    module = build_module(config).to(args.device).train()
    optimizer = module._optimizer(module.fusion)
    exposures = torch.rand(args.batch, 2, 3, args.patch, args.patch).sort(dim=1).values.to(args.device)
    kind = torch.bfloat16 if switches.get("bf16") else torch.float32

    def take() -> float:
        optimizer.zero_grad()
        with torch.autocast(args.device, torch.bfloat16, enabled=kind == torch.bfloat16):
            loss: Tensor = module.loss(module.fusion.blend(exposures)[0], exposures)["loss"]
        loss.backward()
        optimizer.step()
        return loss.item()

    return Step(take, kind)


def peak(name: str, args: argparse.Namespace) -> float:
    """Megabytes."""
    note(f"Memory, {name}")
    if args.device == "cuda":
        return added_memory(name, args)
    sizes = {"--width": args.width, "--patch": args.patch, "--batch": args.batch}
    words = [str(word) for option in sizes.items() for word in option]
    megabytes: float = alone("benchmarks.switches", "--memory", name, *words)
    return megabytes


def added_memory(name: str, args: argparse.Namespace) -> float:
    step = build(name, args)
    if args.device == "cuda":
        before = torch.cuda.memory_allocated()
        step.take()
        torch.cuda.reset_peak_memory_stats()
        step.take()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    before = memory("VmRSS")
    step.take()
    step.take()
    return memory() - before


def roof(kind: torch.dtype, device: str) -> float:
    """Operations a second (on a CPU: of the processor) of a large matrix product."""
    side = 8192 if device == "cuda" else 2048
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32  # as convolutions have it
    factors = [torch.rand(side, side, device=device).to(kind) for _ in range(2)]
    costs = take_turns({"product": partial(torch.mm, *factors)}, rounds=5)
    return 2 * side**3 / min(fair(cost, device) for cost in costs["product"])


if __name__ == "__main__":
    main()
