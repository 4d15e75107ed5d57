"""Runs one of garage's example launchers, or any script written for garage, unedited.

    python -m metods_garage.run torch.ppo_pendulum
    python -m metods_garage.run --max-epochs 1 --eval-tasks 2 \\
        garage.examples.torch.maml_trpo_metaworld_ml10 --epochs 1 --meta_batch_size 10
    python -m metods_garage.run path/to/script.py --its --own arguments

The script runs as `__main__`, with garage adjusted to the installed stack (`metods_garage.compat`)
and with its own command line. As garage's examples train for long and evaluate on every test task,
two options cap both from outside.
"""

import argparse
import difflib
import importlib.util
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from metods_garage.compat import Adjustment
from metods_garage.compat.activation import adjust_too
from metods_garage.compat.adjustment import replace

_EXAMPLES = 'garage.examples'
_IMPORTS_TENSORFLOW = re.compile(
    r'^\s*(?:(?:from|import)\s+(?:garage\.tf|tensorflow)\b|from\s+garage.*\bTFTrainer\b)',
    re.MULTILINE,
)


class UnknownTarget(Exception):
    """What is to be run doesn't exist, or can't run in this environment."""


def main(argv: list[str] | None = None) -> None:
    """Run what the command line names.

    Args:
        argv: The arguments; those of this process by default.

    Raises:
        SystemExit: With status 2 where the command line is wrong, else as the script ends.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        script = find_script(options.target)
    except UnknownTarget as error:
        parser.error(str(error))
    adjust_too(*_caps(options.max_epochs, options.eval_tasks))
    run_script(script, options.arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m metods_garage.run',
        description='Run a garage example or a script for garage, unedited, on the current stack.',
        epilog='Options of this command come before TARGET; all that follows it is for the script.',
    )
    parser.add_argument(
        '--max-epochs',
        type=_positive,
        metavar='N',
        help='end each Trainer.train() or resume() after at most N epochs',
    )
    parser.add_argument(
        '--eval-tasks',
        type=_positive,
        metavar='N',
        help="let each MetaEvaluator visit at most N test tasks (PEARL's own one too)",
    )
    parser.add_argument(
        'target',
        metavar='TARGET',
        help="an example of garage (garage.examples.torch.ppo_pendulum, or 'torch.ppo_pendulum' "
        'for short) or the path of a script',
    )
    parser.add_argument(
        'arguments', metavar='ARGS', nargs=argparse.REMAINDER, help='arguments of the script'
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f'{text!r} is not a positive whole number')
    return int(text)


def find_script(target: str) -> Path:
    """The file that `target` names.

    Args:
        target: The path of a script, or the dotted name of an example, whose leading
            `garage.examples.` may be left out.

    Raises:
        UnknownTarget: If there is no such file or example, or the example needs TensorFlow and it
            is not installed; the message says what would be right.
    """
    path = Path(target)
    if path.is_file():
        return path
    if path.suffix == '.py' or '/' in target or path.exists():
        raise UnknownTarget(f'no script at {target!r} (looked in {Path.cwd()})')
    examples = list_examples()
    name = target.removeprefix(f'{_EXAMPLES}.')
    if name not in examples:
        raise UnknownTarget(_unknown_example(target, name, list(examples)))
    _require_tensorflow(name, examples[name])
    return examples[name]


def list_examples() -> dict[str, Path]:
    """The file of each example of the installed garage, by its name below `garage.examples`."""
    return {
        '.'.join(file.relative_to(root).with_suffix('').parts): file
        for root in _example_roots()
        for file in sorted(root.rglob('*.py'))
        if file.name != '__init__.py'
    }


def _example_roots() -> list[Path]:
    garage = importlib.util.find_spec('garage')
    folders = (garage and garage.submodule_search_locations) or []
    return [(Path(folder) / 'examples').resolve() for folder in folders]


def _unknown_example(target: str, name: str, examples: list[str]) -> str:
    if not examples:
        return (
            f'{target!r} is no file, and the installed garage came without its examples; give the '
            'path of a script'
        )
    # a bare `ppo_pendulum` is in several folders: compare with and without the folder
    close = [full for full in examples if full.rpartition('.')[2] == name]
    close = close or difflib.get_close_matches(name, examples, n=5)
    hint = f'did you mean {" or ".join(close)}?' if close else f'there are: {", ".join(examples)}'
    return f'{target!r} is neither a file nor an example of garage; {hint}'


def _require_tensorflow(name: str, example: Path) -> None:
    if importlib.util.find_spec('tensorflow') is not None:
        return
    if _IMPORTS_TENSORFLOW.search(example.read_text()):
        raise UnknownTarget(
            f'the example {name!r} needs TensorFlow, which is not installed; run: '
            "pip install 'metods_garage[rl2]'"
        )


def run_script(script: Path, arguments: list[str]) -> None:
    """Run `script` as Python would run it, with `arguments` for its command line."""
    sys.argv = [str(script), *arguments]
    # garage's examples are modules, and import nothing beside
    if not any(script.resolve().is_relative_to(root) for root in _example_roots()):
        sys.path.insert(0, str(script.resolve().parent))
    runpy.run_path(str(script), run_name='__main__')


def _caps(max_epochs: int | None, eval_tasks: int | None) -> list[Adjustment]:
    caps = []
    if max_epochs is not None:
        caps.append(_cap('max-epochs', 'garage.trainer', cap_epochs(max_epochs)))
    if eval_tasks is not None:
        module = 'garage.experiment.meta_evaluator'
        caps.append(_cap('eval-tasks', module, cap_eval_tasks(eval_tasks)))
    return caps


def _cap(option: str, module: str, apply: Callable[[ModuleType], None]) -> Adjustment:
    reason = f'--{option} was given.'
    return Adjustment(name=option, module=module, apply=apply, reason=reason, optional=False)


def cap_epochs(limit: int) -> Callable[[ModuleType], None]:
    """A change to `garage.trainer`: every training ends after `limit` epochs at most.

    The number of epochs that the script asked for stays in its snapshots.
    """

    def apply(trainer: ModuleType) -> None:
        def step_epochs(self: Any) -> Iterator[int]:
            epochs = every_epoch(self)
            for done, epoch in enumerate(epochs):
                if done == limit:  # asked for, so that the last epoch has been saved and logged
                    epochs.close()
                    print(f'Ended after {limit} epochs (--max-epochs).')
                    return
                yield epoch

        every_epoch = replace(trainer.Trainer, 'step_epochs', step_epochs)

    return apply


def cap_eval_tasks(limit: int) -> Callable[[ModuleType], None]:
    """A change to `garage.experiment.meta_evaluator`: at most `limit` test tasks are visited."""

    def apply(meta_evaluator: ModuleType) -> None:
        def evaluate(self: Any, *args: Any, **kwargs: Any) -> Any:
            sampler = self._test_task_sampler
            self._test_task_sampler = _FewerTasks(sampler, limit)
            try:
                return evaluate_all(self, *args, **kwargs)
            finally:
                self._test_task_sampler = sampler

        evaluate_all = replace(meta_evaluator.MetaEvaluator, 'evaluate', evaluate)

    return apply


class _FewerTasks:
    """A task sampler that gives at most `limit` of the tasks that another one has.

    Args:
        sampler: A garage TaskSampler.
        limit: The number of tasks.
    """

    def __init__(self, sampler: Any, limit: int) -> None:
        self._sampler = sampler
        self._limit = limit

    def sample(self, n_tasks: int | None, with_replacement: bool = False) -> list[Any]:
        """The updates to at most `limit` tasks."""
        n_fewer = min(self._limit, n_tasks or self._limit)
        try:
            return self._sampler.sample(n_fewer, with_replacement)
        except ValueError:
            # MetaWorldTaskSampler gives multiples of its classes only, grouped by class
            updates = self._sampler.sample(n_tasks, with_replacement)
            return [updates[i * len(updates) // n_fewer] for i in range(n_fewer)]


if __name__ == '__main__':
    main()
