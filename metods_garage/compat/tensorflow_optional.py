"""garage without TensorFlow, which only its bundled RL2 needs.

`import garage` reaches TensorFlow in four places: akro, dowel and garage.trainer import it, and
garage.sampler.worker_factory imports garage.tf.samplers. Each gets something that loads the real
thing when it is used, so that a plain `import garage` never waits for TensorFlow.
"""

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace

_WHAT_TO_RUN = (
    'needs TensorFlow, which is not installed. Run:\n    pip install "metods_garage[rl2]"'
)


_NOTHING = object()


def choose_keras_2() -> None:
    """Select Keras 2 where it is installed; TensorFlow reads this when it is imported.

    Without tf_keras, asking for it would only break the TensorFlow of somebody who has no need of
    garage's half.
    """
    if importlib.util.find_spec('tf_keras') is not None:
        os.environ.setdefault('TF_USE_LEGACY_KERAS', '1')
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')


class TensorFlowWhenUsed(ModuleType):
    """A module that imports TensorFlow at the first use of one of its names."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):
            raise AttributeError(name)  # inspect and copy ask for these
        return getattr(_import_tensorflow(f"garage's use of tensorflow.{name}"), name)


def _import_tensorflow(what: str) -> ModuleType:
    if isinstance(sys.modules.get('tensorflow'), TensorFlowWhenUsed):
        del sys.modules['tensorflow']
    first_time = 'tensorflow' not in sys.modules
    try:
        tensorflow = importlib.import_module('tensorflow')
    except ModuleNotFoundError as error:
        raise ImportError(f'{what} {_WHAT_TO_RUN}') from error
    if first_time:
        _seed_like_garage(tensorflow)
    return tensorflow


def _seed_like_garage(tensorflow: ModuleType) -> None:
    # garage.experiment.deterministic.set_seed seeds TensorFlow only if it is already imported
    deterministic: Any = sys.modules.get('garage.experiment.deterministic')
    if deterministic is not None and deterministic.get_seed() is not None:
        tensorflow.compat.v1.set_random_seed(deterministic.get_seed())


@contextlib.contextmanager
def _in_the_place_of(name: str, module: ModuleType | None) -> Iterator[None]:
    """Have `import name` give `module`, unless the real one is already imported."""
    before = sys.modules.get(name, _NOTHING)
    if before is not _NOTHING and not isinstance(before, TensorFlowWhenUsed):
        yield
        return
    sys.modules[name] = module  # type: ignore[assignment]
    try:
        yield
    finally:
        if sys.modules.get(name, _NOTHING) is module:
            _put_back(name, before)


def _put_back(name: str, before: Any) -> None:
    if before is _NOTHING:
        del sys.modules[name]
    else:
        sys.modules[name] = before


def tensorflow_when_used() -> contextlib.AbstractContextManager[None]:
    """Have `import tensorflow` give a module that loads TensorFlow at its first use."""
    return _in_the_place_of('tensorflow', TensorFlowWhenUsed('tensorflow'))


def tensorflow_when_used_if_installed() -> contextlib.AbstractContextManager[None]:
    """The same, for akro, which does without TensorFlow where it is not installed."""
    if importlib.util.find_spec('tensorflow') is None:
        return contextlib.nullcontext()
    return tensorflow_when_used()


def no_tensorflow() -> contextlib.AbstractContextManager[None]:
    """Have `import tensorflow` say that there is none."""
    return _in_the_place_of('tensorflow', None)


def draw_graphs_if_tensorflow_is_there(tensor_board_output: ModuleType) -> None:
    """Let dowel log TensorFlow graphs, which only exist once TensorFlow is imported."""
    output = tensor_board_output.TensorBoardOutput
    replace(tensor_board_output, 'tf', None)
    output._tf = property(lambda self: sys.modules.get('tensorflow'), lambda self, _: None)


def tf_workers_when_used() -> contextlib.AbstractContextManager[None]:
    """Have `garage.tf.samplers` loaded when `is_tf_worker=True` asks for it."""
    samplers = ModuleType('garage.tf.samplers')
    samplers.TFWorkerClassWrapper = _tf_worker_class_wrapper  # type: ignore[attr-defined]
    return _in_the_place_of('garage.tf.samplers', samplers)


def _tf_worker_class_wrapper(wrapped_class: type) -> Any:
    _import_tensorflow('is_tf_worker=True')
    return importlib.import_module('garage.tf.samplers').TFWorkerClassWrapper(wrapped_class)


@contextlib.contextmanager
def name_the_extra() -> Iterator[None]:
    """Say which extra brings TensorFlow, where a module of garage.tf does not find it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or '').split('.')[0] not in ('tensorflow', 'tensorflow_probability'):
            raise
        raise ImportError(f'garage.tf {_WHAT_TO_RUN}') from error


ADJUSTMENTS = (
    Adjustment(
        name='keras-2',
        module='',
        apply=choose_keras_2,
        reason='garage.tf and TensorFlow Probability are written for Keras 2.',
    ),
    Adjustment(
        name='akro-without-tensorflow',
        module='akro',
        apply=tensorflow_when_used_if_installed,
        when='around',
        reason='akro imports TensorFlow (6 s and more) for placeholders that only garage.tf uses.',
    ),
    Adjustment(
        name='dowel-import-without-tensorflow',
        module='dowel.tensor_board_output',
        apply=no_tensorflow,
        when='around',
        reason='dowel imports TensorFlow (6 s and more) to recognise its graphs.',
    ),
    Adjustment(
        name='dowel-graphs',
        module='dowel.tensor_board_output',
        apply=draw_graphs_if_tensorflow_is_there,
        reason='dowel decides at its import whether it can log TensorFlow graphs.',
    ),
    Adjustment(
        name='trainer-without-tensorflow',
        module='garage.trainer',
        apply=tensorflow_when_used,
        when='around',
        reason='garage.trainer imports TensorFlow (6 s and more), which only TFTrainer uses.',
    ),
    Adjustment(
        name='samplers-without-tensorflow',
        module='garage.sampler.worker_factory',
        apply=tf_workers_when_used,
        when='around',
        reason="garage.sampler can't be imported without TensorFlow, for is_tf_worker=True alone.",
        upstream_issue='https://github.com/rlworkgroup/garage/pull/2304',
    ),
    Adjustment(
        name='tensorflow-extra',
        module='garage.tf',
        apply=name_the_extra,
        when='around',
        reason='what to install should be said where a class of garage.tf is asked for.',
    ),
)
