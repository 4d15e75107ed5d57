"""A run on a Ray cluster outlives the loss of a machine, and counts each step once."""

import threading
import time

from metods_garage.envs import EpisodeHorizon, MetaRLObservation, make_benchmark
from metods_garage.experiment.lasting_ray_sampler import LastingRaySampler
from metods_garage.experiment.ledger import Ledger, LedgerSampler
from metods_garage.experiment.watchful_sampler import WorkerFailed
from metods_garage.policies import CategoricalMetODSPolicy
from metods_garage.samplers import TrialWorker, obtain_trials

import numpy as np
import pytest
import ray
from garage import Wrapper
from garage.sampler import LocalSampler
from ray.cluster_utils import Cluster

pytestmark = [pytest.mark.timeout(180), pytest.mark.filterwarnings('ignore')]


@pytest.fixture(scope='module')
def cluster():
    """A cluster of one node with one processor, which misses another within a second."""
    quick = {
        'health_check_initial_delay_ms': 0,
        'health_check_period_ms': 200,
        'health_check_timeout_ms': 500,
        'health_check_failure_threshold': 5,
    }
    cluster = Cluster(initialize_head=True, head_node_args={'num_cpus': 1, '_system_config': quick})
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def problem(do):
    """Four bandits that call `do()` before each step, and a policy."""

    class Doing(Wrapper):  # local, so that it is pickled by value
        def step(self, action):
            do()
            return super().step(action)

    def wrapper(env, _):
        return MetaRLObservation(EpisodeHorizon(Doing(env), 20))

    tasks = make_benchmark('bandit-2').train_sampler(wrapper, seed=2).sample(4)
    policy = CategoricalMetODSPolicy(tasks[0]().spec, n_neurons=4, n_inner_steps=1)
    return tasks, policy


def sampler_of(kind, policy, env, n_workers=2):
    return kind(
        policy,
        env,
        max_episode_length=20,
        n_workers=n_workers,
        seed=1,
        worker_class=TrialWorker,
        worker_args={'episodes_per_trial': 3},
    )


@ray.remote(num_cpus=1)
class Occupant:
    """Keeps everything else off a processor."""

    def here(self):
        return True


def test_a_lost_node_costs_the_run_nothing_but_time(cluster):
    tasks, policy = problem(lambda: time.sleep(0.01))
    parameters = policy.get_param_values()
    local = sampler_of(LocalSampler, policy, tasks[0]())
    expected = obtain_trials(local, parameters, tasks, range(4))

    occupant = Occupant.remote()
    ray.get(occupant.here.remote())
    node = cluster.add_node(num_cpus=2)
    cluster.wait_for_nodes()
    lasting = sampler_of(LastingRaySampler, policy, tasks[0]())
    ledger = Ledger(3 * 4 * 3 * 20)
    sampler = LedgerSampler(lasting, ledger)
    batches = [obtain_trials(sampler, parameters, tasks, range(4))]
    ray.kill(occupant)
    # The second iteration takes more than a second.
    kill = threading.Timer(0.4, cluster.remove_node, [node], {'allow_graceful': False})
    kill.start()
    while not ledger.spent:
        batches.append(obtain_trials(sampler, parameters, tasks, range(4)))
    kill.join()
    lasting.shutdown_worker()

    assert lasting.replaced == 2, 'both workers were on the node that was lost'
    assert len(batches) == 3
    assert ledger.training_steps == lasting.total_env_steps == 3 * 4 * 3 * 20
    assert ledger.training_episodes == 3 * 4 * 3
    for batch in batches:
        np.testing.assert_array_equal(batch.observations, expected.observations)
        np.testing.assert_array_equal(batch.actions, expected.actions)


def test_an_error_of_a_worker_ends_the_call(cluster):
    errors = [FloatingPointError('bandit-2 gave NaN'), KeyError('a mistake in the environment')]

    def do():
        raise errors.pop()

    tasks, policy = problem(do)
    sampler = sampler_of(LastingRaySampler, policy, tasks[0](), n_workers=1)
    for error in errors[::-1]:
        expected = FloatingPointError if isinstance(error, FloatingPointError) else WorkerFailed
        with pytest.raises(expected, match=error.args[0]):
            obtain_trials(sampler, policy.get_param_values(), tasks[:1], [0])
    assert sampler.replaced == sampler.total_env_steps == 0
    sampler.shutdown_worker()
