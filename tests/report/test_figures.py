"""Lines of a figure can be told apart."""

from metods_garage.report.figures import colour_and_marker


def test_up_to_forty_nine_lines_look_different():
    styles = [tuple(colour_and_marker(number).values()) for number in range(49)]
    assert len(set(styles)) == 49
