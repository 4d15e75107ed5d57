import types

from metods_garage.compat import all_adjustments


def test_local_mode_is_left_out_and_everything_else_is_passed_on():
    passed = []

    def init(address=None, **options):
        passed.append((address, options))

    ray = types.ModuleType('ray')
    ray.init = init
    all_adjustments()['ray-local-mode'].apply_to(ray)
    ray.init('auto', local_mode=True, log_to_driver=False)
    ray.init()
    assert passed == [('auto', {'log_to_driver': False}), (None, {})]
