import numpy as np


def test_a_cast_gives_an_array_of_its_type():
    cast = np.cast['float32'](0.1)  # noqa: NPY201 - as garage writes it
    assert cast.dtype == np.float32
    assert cast == np.float32(0.1)


def test_the_aliases_are_the_types_that_they_were():
    for name, meaning in {'bool8': np.bool_, 'float': float, 'int': int, 'object': object}.items():
        assert getattr(np, name) is meaning
