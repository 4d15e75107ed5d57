"""Prints the table of adjustments: `python -m metods_garage.compat`."""

import textwrap

from metods_garage.compat.table import active_adjustments, all_adjustments


def main() -> None:
    """Print what each adjustment changes and why."""
    active = active_adjustments()
    for name, adjustment in all_adjustments().items():
        state = '' if adjustment in active else ', switched off'
        print(f'{name} ({adjustment.module or "at activation"}{state})')
        for line in (adjustment.reason, adjustment.upstream_issue):
            if line:
                print(textwrap.indent(textwrap.fill(line, 92), '    '))


if __name__ == '__main__':
    main()
