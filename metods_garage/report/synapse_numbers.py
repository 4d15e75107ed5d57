"""What is read off a record of synapses: principal components, energies, events, groups."""

import dataclasses

from metods_garage.report.synapse_record import SynapseRecord

import numpy as np

# The fixation mark of the Harlow task pays 0.2, an object +1 or -1.
_HARLOW_CHOICE = 0.5


@dataclasses.dataclass(frozen=True)
class PrincipalComponents:
    """The n directions along which points vary most.

    Attributes:
        mean (np.ndarray): Of the points, [D].
        directions (np.ndarray): Orthonormal rows [n, D]; the largest entry of each is positive.
        scores (np.ndarray): Coordinates of the points along them, from the mean, [K, n].
        explained (np.ndarray): Share of the total variance along each, [n]; 0 where points are all
            the same.

    """

    mean: np.ndarray
    directions: np.ndarray
    scores: np.ndarray
    explained: np.ndarray


def principal_components(points: np.ndarray, n: int = 2) -> PrincipalComponents:
    """Find the principal components of a cloud of points.

    Args:
        points: [K, D].
        n: Number of components; where there are fewer, the others are zeros.

    Returns:
        The components, the largest variance first.

    """
    mean = points.mean(axis=0, dtype=np.float64)
    centred = points - mean
    _, sizes, rows = np.linalg.svd(centred, full_matrices=False)
    directions = np.zeros((n, points.shape[1]))
    found = min(n, len(rows))
    largest = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    directions[:found] = (rows * np.where(largest < 0, -1, 1))[:found]
    variances = np.pad(sizes**2, (0, n))[:n]
    total = (sizes**2).sum()
    explained = variances / total if total > 0 else np.zeros(n)
    return PrincipalComponents(mean, directions, centred @ directions.T, explained)


def energy(v1: np.ndarray, W: np.ndarray, v2: np.ndarray) -> np.ndarray:
    """v1' W v2, of which Hopfield's energy of a state v is -1/2 times the case v1 = v2 = v.

    Args:
        v1: Activities [..., N].
        W: Weights [..., N, N].
        v2: Activities [..., N].

    Returns:
        [...].

    """
    return np.einsum('...i,...ij,...j->...', v1, W, v2)


def plane_energies(W: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """p_i' W p_j: all that W does within the span of some directions.

    Args:
        W: Weights [..., N, N].
        plane: The directions p, [n, N].

    Returns:
        [..., n, n].

    """
    return plane @ W @ plane.T


def energy_landscape(
    W: np.ndarray, centre: np.ndarray, plane: np.ndarray, xs: np.ndarray, ys: np.ndarray
) -> np.ndarray:
    """v' W v over the plane v = centre + x p_1 + y p_2.

    Args:
        W: Weights [N, N].
        centre: [N].
        plane: p_1 and p_2, [2, N].
        xs: Coordinates along p_1, [X].
        ys: Coordinates along p_2, [Y].

    Returns:
        [Y, X].

    """
    v = centre + xs[None, :, None] * plane[0] + ys[:, None, None] * plane[1]
    return energy(v, W, v)


def rewards_seen(record: SynapseRecord) -> np.ndarray:
    """The reward that each step sees: the one that the step before it received, [B, T]."""
    seen = np.zeros_like(record.rewards)
    seen[:, 1:] = record.rewards[:, :-1]
    return np.where(record.valid, seen, 0)


def choices(record: SynapseRecord) -> np.ndarray:
    """The steps that choose: bool [B, T].

    They are those that reach an object on the Harlow task and every pull of a bandit. Elsewhere
    nothing is a choice.
    """
    if record.benchmark == 'harlow':
        return record.valid & (np.abs(record.rewards) > _HARLOW_CHOICE)
    if record.benchmark.startswith('bandit-') or record.benchmark == 'restless':
        return record.valid.copy()
    return np.zeros_like(record.valid)


@dataclasses.dataclass(frozen=True)
class Outcomes:
    """Trials in two groups, by what came of the first choice, or where there is none, of the trial.

    Attributes:
        good (np.ndarray): Bool [B].
        known (np.ndarray): Bool [B], False where a trial ended before a choice.
        onset (np.ndarray): Steps that a trial had taken when the outcome was received, int [B]; 0
            where groups are by return. Weights at this moment have not seen it.
        labels (tuple[str, str]): Of the good and of the other trials.

    """

    good: np.ndarray
    known: np.ndarray
    onset: np.ndarray
    labels: tuple[str, str]


def outcomes(record: SynapseRecord) -> Outcomes:
    """Sort the trials of a record into two groups."""
    chosen = choices(record)
    if not chosen.any():
        total = np.where(record.valid, record.rewards, 0).sum(axis=1)
        return Outcomes(
            good=total > np.median(total),
            known=np.ones(len(total), dtype=bool),
            onset=np.zeros(len(total), dtype=int),
            labels=('return above the median', 'return at or below the median'),
        )
    first = chosen.argmax(axis=1)
    return Outcomes(
        good=record.rewards[np.arange(len(first)), first] > 0,
        known=np.any(chosen, axis=1),
        onset=first + 1,
        labels=('first choice rewarded', 'first choice not rewarded'),
    )


def step_kinds(record: SynapseRecord) -> dict[str, np.ndarray]:
    """Sort steps by the reward that they see, each into one kind: bool [B, T] by name.

    The first step, which leaves W_0, can see none and is a kind of its own.
    """
    seen = rewards_seen(record)
    after_choice = np.zeros_like(record.valid)
    after_choice[:, 1:] = choices(record)[:, :-1]
    after_choice &= record.valid & (seen != 0)
    first = np.zeros_like(record.valid)
    first[:, 0] = True
    return {
        'after a choice': after_choice,
        'after another reward': record.valid & (seen != 0) & ~after_choice,
        'no reward': record.valid & (seen == 0) & ~first,
        'first step': first,
    }


def nearest_centroid_accuracy(points: np.ndarray, good: np.ndarray) -> float:
    """How well a point's group is told by the nearer mean of the other points of each group.

    Args:
        points: [K, D].
        good: Group of each, bool [K].

    Returns:
        Mean of the two groups' shares of points that are told rightly: 1 where groups lie apart,
        about 1/2, or less, where they do not. NaN where a group has fewer than two points.

    """
    if min(good.sum(), (~good).sum()) < 2:
        return float('nan')
    right = np.zeros(len(points), dtype=bool)
    for k, point in enumerate(points):
        others = np.arange(len(points)) != k
        to_good = np.linalg.norm(point - points[others & good].mean(axis=0))
        to_bad = np.linalg.norm(point - points[others & ~good].mean(axis=0))
        right[k] = (to_good < to_bad) if good[k] else (to_bad < to_good)
    return float((right[good].mean() + right[~good].mean()) / 2)


def separation(
    points: np.ndarray, record: SynapseRecord, groups: Outcomes, moments: range
) -> dict[int, float]:
    """Accuracy of telling the groups apart at moments before and after the outcome.

    Args:
        points: Of each kept moment of the record, [K, D].
        record: The record.
        groups: Its trials' groups.
        moments: Steps since the outcome was received; at 0 it has not yet been seen.

    Returns:
        `nearest_centroid_accuracy` by moment, where enough trials have weights of that moment.

    """
    since = record.weight_step - groups.onset[record.weight_trial]
    known = groups.known[record.weight_trial]
    good = groups.good[record.weight_trial]
    told = {
        moment: nearest_centroid_accuracy(points[at], good[at])
        for moment in moments
        for at in [known & (since == moment)]
    }
    return {moment: value for moment, value in told.items() if not np.isnan(value)}
