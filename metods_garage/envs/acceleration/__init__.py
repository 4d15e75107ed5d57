"""Meta-World with the same results, bit for bit, in less time.

`accelerate(env_class)` makes a subclass of an installed environment class, out of four things: the
installed methods, with exact scalar forms of a few library functions around them (`rebinding`,
`scalar_forms`); a base class in the place of Meta-World's (`accelerated_sawyer`, `caging_rewards`);
MuJoCo's named objects looked up once (`named_views`, `step_views`); and resets that don't simulate
what they know (`hand_reset`). `known_code` says whether the installed code is the one that all this
is equal to, and `goals` draws the goals of whole benchmarks.
"""

# `classes` has to be there for cloudpickle to send a class by its name; else it sends its code.
from metods_garage.envs.acceleration import classes as classes
from metods_garage.envs.acceleration.accelerate import accelerate
from metods_garage.envs.acceleration.goals import draw_goals

__all__ = ['accelerate', 'draw_goals']
