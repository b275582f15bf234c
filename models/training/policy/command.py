"""`main.py train policy`: what is trained, on what, how long.

main.py train policy --kind diffusion --data data/push_t/demos --out runs/policy
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import BadConfig
from models.datasets.dataset_parts import SetInfo, set_info
from models.datasets.provenance import command
from models.policies.chunks.config import ChunkConfig
from models.training.policy.backbone import BACKBONES, Backbone, backbone_of
from models.training.policy.step_config import StepConfig
from models.training.policy.train import TrainConfig, train


def backbone_for(kind: str, data: SetInfo, cameras: Sequence[str], **sizes: Any) -> Backbone:
    """The backbone of a kind for some data sets.

    Args:
        kind: Name in BACKBONES.
        data: Their task and workcell.
        cameras: That the policy sees; all of the data where empty.
        sizes: Further fields of its configuration.

    Raises:
        BadConfig: no such camera, or pictures that do not fit; in words.
    """
    seen = [data.workcell.camera(name) for name in cameras] or list(data.workcell.cameras)
    edges = {edge for camera in seen for edge in (camera.width, camera.height)}
    if len(edges) > 1:
        found = ", ".join(f"{camera.name} {camera.width} x {camera.height}" for camera in seen)
        raise BadConfig(f"A policy sees square pictures of one size; the data have {found}. Choose --cameras.")
    edge, names = edges.pop(), tuple(camera.name for camera in seen)
    size = sizes.get("image_size", ChunkConfig().image_size)
    if edge % size:
        whole = ", ".join(str(edge // n) for n in range(1, 5) if edge % n == 0)
        raise BadConfig(
            f"--image-size {size} is no whole fraction of {edge}, the size of the pictures. Possible: {whole}."
        )
    return backbone_of(kind, {"task": data.task, "cameras": names, "frame_size": edge, **sizes})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py train policy`."""
    default, shape = TrainConfig(), ChunkConfig()
    parser.add_argument("--kind", choices=list(BACKBONES), default="diffusion", help="what to train")
    parser.add_argument("--data", type=Path, nargs="+", default=list(default.data), help="data sets of demonstrations")
    parser.add_argument("--kinds", nargs="*", default=[], help="kinds of episodes to imitate (default: all)")
    parser.add_argument("--cameras", nargs="+", default=[], help="what the policy sees (default: all of the data)")
    parser.add_argument("--pose-data", type=Path, nargs="*", default=[], help="more data for the picture encoder")
    parser.add_argument("--episodes", type=int, help="at most this many demonstrations")
    parser.add_argument("--pose-episodes", type=int, help="at most this many episodes of --pose-data")
    parser.add_argument("--out", type=Path, default=default.out, help="folder of checkpoints, curves and the policy")
    _add_length(parser, default)
    parser.add_argument("--batch", type=int, default=default.step.batch)
    parser.add_argument("--chunks-per-look", type=int, help="noise levels per picture (default: diffusion 4, flow 2)")
    parser.add_argument("--image-size", type=int, default=shape.image_size, help="what the encoder sees, pixels")
    parser.add_argument("--executed", type=int, default=shape.executed, help="actions carried out per look")
    parser.add_argument(
        "--prediction",
        choices=["sample", "epsilon", "v_prediction"],
        help="what the denoiser of --kind diffusion predicts (default: sample)",
    )
    parser.add_argument(
        "--pose-loss",
        type=float,
        default=default.step.pose_loss,
        help="weight of the object's true pose, which trains the picture encoder; 0, or data without it: no truth, not "
        "even in training; the encoder then learns from the actions in the steps of --pose-steps",
    )
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default=default.device, help="auto: CUDA where there is one"
    )
    parser.add_argument(
        "--precision",
        choices=["auto", "float32", "bf16"],
        default="auto",
        help="auto: float32, or bf16 where a step measured at the start is faster; a resumed training keeps its own",
    )
    parser.add_argument(
        "--float32", dest="precision", action="store_const", const="float32", help="the same as --precision float32"
    )


def _add_length(parser: argparse.ArgumentParser, default: TrainConfig) -> None:
    parser.add_argument("--steps", type=int, default=default.steps, help="steps in all")
    parser.add_argument(
        "--pose-steps",
        type=int,
        default=default.pose_steps,
        help="of these, the encoder alone; without a pose loss everything learns in them",
    )
    parser.add_argument("--joint-steps", type=int, default=default.joint_steps, help="the last ones, everything learns")
    parser.add_argument("--every", type=int, default=default.every, help="steps between validations and exports")
    parser.add_argument(
        "--patience",
        type=int,
        help="stop after this many validations without a lower loss, and ship the export with the lowest one "
        "(default: take all steps, so that the rate falls to its end, and ship the last export)",
    )


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py train policy`."""
    import torch

    torch.set_num_threads(args.threads)
    if args.pose_data and not args.pose_loss > 0:
        raise BadConfig("--pose-data serve the pose loss only. Leave them out, or choose a --pose-loss above 0.")
    if args.prediction and args.kind != "diffusion":
        raise BadConfig(f"--prediction is an option of --kind diffusion; a {args.kind} policy has none.")
    data = set_info([*args.data, *args.pose_data])
    sizes = {"image_size": args.image_size, "executed": args.executed}
    sizes |= {"prediction": args.prediction} if args.prediction else {}
    backbone = backbone_for(args.kind, data, args.cameras, **sizes)
    many = args.chunks_per_look or backbone.chunks_per_look
    config = TrainConfig(
        data=tuple(args.data),
        kinds=tuple(args.kinds),
        pose_data=tuple(args.pose_data),
        episodes=args.episodes,
        pose_episodes=args.pose_episodes,
        out=args.out,
        pose_steps=args.pose_steps,
        joint_steps=args.joint_steps,
        steps=args.steps,
        every=args.every,
        seed=args.seed,
        precision=args.precision,
        patience=args.patience,
        device=args.device,
        backbone=backbone,
        workcell=data.workcell,
        step=StepConfig(batch=args.batch, chunks_per_look=many, pose_loss=args.pose_loss),
    )
    path = train(config, lambda line: print(line, file=sys.stderr, flush=True), command())
    weights = os.fspath(path)
    print(f"The policy is {weights}; try it: main.py rollout --policy {args.kind} --weights {weights}")
    return 0
