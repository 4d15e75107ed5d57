import re
from pathlib import Path

from metods_garage.compat import all_adjustments

PAGE = Path(__file__).parents[2] / 'docs' / 'adjustments.md'


def test_the_page_has_one_row_for_each_adjustment():
    rows = re.findall(r'^\| `([a-z0-9-]+)` \| (.*?) \|', PAGE.read_text(), re.MULTILINE)
    modules = {
        name: f'`{adjustment.module}`' if adjustment.module else 'at activation'
        for name, adjustment in all_adjustments().items()
    }
    assert dict(rows) == modules
    assert len(rows) == len(modules)


def test_the_page_links_the_upstream_issues():
    page = PAGE.read_text()
    missing = [
        adjustment.upstream_issue
        for adjustment in all_adjustments().values()
        if adjustment.upstream_issue not in page
    ]
    assert not missing
