"""Runs under lerobot: opens an export as a LeRobotDataset, decodes every picture, trains one step on it.

python read_lerobot.py FOLDER EXPECTED.npz SCRATCH
"""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = sys.argv[3] + "/hub"
os.environ["SVT_LOG"] = "1"
warnings.filterwarnings("ignore")

import importlib.metadata  # noqa: E402

import numpy as np  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import torch  # noqa: E402
from lerobot.configs.types import FeatureType  # noqa: E402
from lerobot.datasets.compute_stats import aggregate_stats, compute_episode_stats  # noqa: E402
from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: E402
from lerobot.datasets.utils import DEFAULT_FEATURES, dataset_to_policy_features  # noqa: E402

RENAMED = {"state": "observation.state", "success": "next.success", "done": "next.done"}


def psnr(a, b):
    return 10 * np.log10(1.0 / max(float(((a.astype(np.float64) - b.astype(np.float64)) ** 2).mean()), 1e-12))


def compare(data, want, cameras):
    """Every row: numbers bit for bit, timestamps exact, pictures by PSNR; the reader itself checks tolerance_s."""
    ends = want["episode_ends"]
    starts = np.concatenate([[0], ends[:-1]])
    assert data.num_frames == len(data) == ends[-1]
    assert data.num_episodes == len(ends)
    worst, second = 1e9, 0.0
    for row in range(len(data)):
        item = data[row]
        episode = int(np.searchsorted(ends, row, side="right"))
        assert item["index"].item() == row
        assert item["episode_index"].item() == episode
        assert item["frame_index"].item() == row - starts[episode]
        assert item["timestamp"].item() == np.float32((row - starts[episode]) / data.fps)
        assert item["task"] == str(want["task"])
        for name in want.files:
            if name.startswith("data/") and name != "data/timestamp" and not name.endswith("_rgb"):
                got = item[RENAMED.get(name[5:], name[5:])].numpy()
                assert got.dtype == want[name].dtype, name
                assert got.tobytes() == want[name][row].tobytes(), name
        for camera in cameras:
            got = item["observation.images." + camera].numpy().transpose(1, 2, 0)
            mine = want[f"data/{camera}_rgb"][row] / 255.0
            worst = min(worst, psnr(got, mine))
            others = [
                r
                for r in range(len(data))
                if not np.array_equal(want[f"data/{camera}_rgb"][r], want[f"data/{camera}_rgb"][row])
            ]
            near = min(others, key=lambda r: abs(r - row))
            second += psnr(got, mine) > psnr(got, want[f"data/{camera}_rgb"][near] / 255.0)
    return worst, second / (len(data) * len(cameras))


def same_schemas(data, folder, scratch):
    """What LeRobot's own writer makes of the same features has the same columns of the same types."""
    features = {
        k: {n: v for n, v in f.items() if n != "info"} for k, f in data.features.items() if k not in DEFAULT_FEATURES
    }
    coded = data.features[data.meta.video_keys[0]]["info"]["video.codec"]
    codec = {"av1": "libsvtav1", "h264": "h264"}[coded]
    own = LeRobotDataset.create(
        "local/own", data.fps, features, root=Path(scratch) / "own", robot_type="x", vcodec=codec
    )
    for row in range(12):
        item = data[row]
        frame = {"task": item["task"]}
        for name, feature in features.items():
            value = item[name].numpy()
            if feature["dtype"] == "video":
                frame[name] = (value.transpose(1, 2, 0) * 255).astype(np.uint8)
            else:
                frame[name] = value.reshape(feature["shape"]).astype(feature["dtype"])
        own.add_frame(frame)
    own.save_episode(parallel_encoding=False)
    own.finalize()
    for name in ("data/chunk-000/file-000.parquet", "meta/episodes/chunk-000/file-000.parquet", "meta/tasks.parquet"):
        mine, theirs = (pq.read_schema(Path(root) / name) for root in (folder, own.root))
        types = [{f.name: str(f.type).replace("large_string", "string") for f in schema} for schema in (mine, theirs)]
        if "episodes" in name:  # LeRobot keeps minima in the type of the data; ours are floats
            types = [
                {
                    k: t.replace("int64", "double").replace("bool", "double") if "stats/" in k else t
                    for k, t in kinds.items()
                }
                for kinds in types
            ]
        assert types[0] == types[1], (
            name,
            {k: (types[0].get(k), types[1].get(k)) for k in types[0] | types[1] if types[0].get(k) != types[1].get(k)},
        )
    mine, theirs = (json.loads((Path(root) / "meta/info.json").read_text()) for root in (folder, own.root))
    assert mine.keys() == theirs.keys(), mine.keys() ^ theirs.keys()
    for key, feature in theirs["features"].items():
        assert mine["features"][key].keys() == feature.keys(), key
        assert mine["features"][key]["shape"] == list(feature["shape"]), key
        assert mine["features"][key]["dtype"] == feature["dtype"], key
        if "info" in feature:
            assert mine["features"][key]["info"] == feature["info"], (mine["features"][key]["info"], feature["info"])


def same_statistics(data, want):
    """LeRobot's own statistics of the same numbers: exact but for its quantiles, which are estimates."""
    ends = want["episode_ends"]
    per_episode = []
    names = ["observation.state", "action", "intervention", "step", "index", "timestamp"]
    for start, stop in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        rows = data.hf_dataset.with_format("numpy")[int(start) : int(stop)]
        per_episode.append(
            compute_episode_stats(
                {n: np.stack(rows[n]).astype(np.float64) for n in names}, {n: data.features[n] for n in names}
            )
        )
    theirs = aggregate_stats(per_episode)
    for name in names:
        for statistic in ("min", "max", "mean", "std", "count"):
            assert np.allclose(data.meta.stats[name][statistic], theirs[name][statistic], rtol=1e-5, atol=2e-6), (
                name,
                statistic,
            )
        spread = theirs[name]["max"] - theirs[name]["min"] + 1e-9
        for quantile in ("q01", "q10", "q50", "q90", "q99"):
            off = np.abs(data.meta.stats[name][quantile] - theirs[name][quantile]) / spread
            assert off.max() < 0.25, (name, quantile, off.max())  # a histogram of a dozen numbers
    for camera in data.meta.video_keys:
        for statistic, value in data.meta.stats[camera].items():
            assert value.shape == ((1,) if statistic == "count" else (3, 1, 1)), (camera, statistic)
        pictures = want[f"data/{camera.rsplit('.', 1)[1]}_rgb"] / 255.0
        assert np.allclose(data.meta.stats[camera]["mean"].ravel(), pictures.mean((0, 1, 2)), atol=1e-9)
        assert np.allclose(data.meta.stats[camera]["std"].ravel(), pictures.std((0, 1, 2)), atol=1e-9)


def one_training_step(folder):
    """A policy of LeRobot's, made from the data set's own metadata, learns from a batch."""
    from lerobot.datasets.factory import resolve_delta_timestamps
    from lerobot.policies.act.configuration_act import ACTConfig
    from lerobot.policies.act.modeling_act import ACTPolicy
    from lerobot.policies.factory import make_pre_post_processors

    meta = LeRobotDataset("local/export", root=folder).meta
    features = dataset_to_policy_features(meta.features)
    outputs = {k: v for k, v in features.items() if v.type is FeatureType.ACTION}
    config = ACTConfig(
        input_features={k: v for k, v in features.items() if k not in outputs},
        output_features=outputs,
        pretrained_backbone_weights=None,
        chunk_size=8,
        n_action_steps=8,
        dim_model=64,
        n_heads=2,
        dim_feedforward=64,
        n_encoder_layers=1,
        n_vae_encoder_layers=1,
        device="cpu",
        push_to_hub=False,
    )
    data = LeRobotDataset("local/export", root=folder, delta_timestamps=resolve_delta_timestamps(config, meta))
    policy = ACTPolicy(config)
    prepare, _ = make_pre_post_processors(config, dataset_stats=meta.stats)
    batch = prepare(next(iter(torch.utils.data.DataLoader(data, batch_size=4, shuffle=True))))
    loss, _ = policy.forward(batch)
    loss.backward()
    assert torch.isfinite(loss), loss
    return float(loss)


def main(folder, expected, scratch):
    want = np.load(expected)
    cameras = [name[5:-4] for name in want.files if name.endswith("_rgb")]
    told = {}
    for backend in ("pyav", "torchcodec"):
        try:
            data = LeRobotDataset("local/export", root=folder, video_backend=backend)
            worst, nearest = compare(data, want, cameras)
        except (ImportError, RuntimeError, OSError) as error:
            if backend == "pyav" or "torchcodec" not in str(error):
                raise
            told[backend] = "not usable here: " + str(error).strip().splitlines()[0]
            continue
        assert worst > float(want["psnr"]), worst
        assert nearest > 0.99, nearest  # each picture is nearer to its own row than to the neighbour's
        told[backend] = f"worst {worst:.1f} dB"
    data = LeRobotDataset("local/export", root=folder, video_backend="pyav")
    windows = LeRobotDataset(
        "local/export",
        root=folder,
        video_backend="pyav",
        delta_timestamps={
            "action": [k / data.fps for k in range(8)],
            "observation.images." + cameras[0]: [-1 / data.fps, 0.0],
        },
    )
    last = windows[int(want["episode_ends"][0]) - 1]
    assert last["action_is_pad"].tolist() == [False] + [True] * 7
    only = LeRobotDataset("local/export", root=folder, episodes=[1], video_backend="pyav")
    assert len(only) == want["episode_ends"][1] - want["episode_ends"][0]
    assert only[0]["index"].item() == want["episode_ends"][0]
    same_schemas(data, folder, scratch)
    same_statistics(data, want)
    loss = one_training_step(folder)
    print(
        json.dumps(
            {
                "lerobot": importlib.metadata.version("lerobot"),
                "torch": torch.__version__,
                "python": sys.version.split()[0],
                "rows": len(data),
                "decoded": told,
                "act_loss": round(loss, 3),
            }
        )
    )


main(*sys.argv[1:])
