import pytest


@pytest.mark.parametrize('S', [1, 2, 3, 4])
def test_outputs_and_every_gradient_equal_the_reference(assert_equals_reference, S):
    assert_equals_reference('rearranged', S, T=11)


@pytest.mark.parametrize('write', ['linear', 'linear-post', 'mlp'])
def test_every_write_variant_equals_the_reference(assert_equals_reference, write):
    assert_equals_reference('rearranged', 3, T=11, write=write, normalize='l2')
