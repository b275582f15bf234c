"""A learned world and its evaluation run where no simulator is installed."""

import subprocess
import sys
from pathlib import Path

from tests.models.worlds.fresh import write_fresh

WITHOUT_SIMULATOR = """
import sys
sys.modules["mujoco"] = None  # importing it now fails
import models, models.worlds.transport.world
assert "torch" not in sys.modules, "opening the world must not cost the import of torch"
from pathlib import Path
from models.tasks.push_t.evaluation.fidelity_measures import pushes, quiet_actions
from models.tasks.push_t.evaluation.fidelity_metrics import imagine
from models.tasks.push_t.evaluation.fidelity_starts import encoder
from models.tasks.push_t.evaluation.fidelity_trust import trust
from models.tasks.push_t.evaluation.trials import Trials
import models.tasks.push_t.evaluation.fidelity, models.training.transport.cache
world = models.WORLDS.load("transport")(weights=Path(sys.argv[1]), device="torch")
trials = Trials()
rollouts = trials.rollouts()[:1]
assert pushes(world, trials.pushes()[:1], None)["n"] == 1
assert encoder(world, rollouts)["n"] == 4
assert set(trust(world, rollouts, trials.odd_starts())["odd_starts"]) == {"shipped", "colours", "clutter", "off_table"}
assert quiet_actions(rollouts[0], world.spec.limits)
"""


def test_the_world_and_its_evaluation_import_no_simulator(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SIMULATOR, write_fresh(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
