"""Vectors of the processor's own width as values in compiled code, and products tiled over them.

numba leaves it to LLVM to turn loops into vector code. At the N of this package it loses a third of
the time in what is left over at the end of a row, and takes every row's part of a product back to
memory. Here rows are padded to whole vectors, and a product keeps what it sums up in registers.

`load`, `store`, `dot_of` and the rest are compiled into the instructions they are named after, for
any processor: LLVM splits vectors that are wider than the processor's.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import signature
from numba.extending import (
    intrinsic,
    lower_builtin,
    models,
    register_model,
    type_callable,
)

#: Bytes of a row are a multiple of this, and rows begin at multiples of it.
ALIGNMENT = 64


class Vector(types.Type):
    """The numba type of as many numbers as one register takes."""

    def __init__(self, dtype: types.Float) -> None:
        self.dtype = dtype
        super().__init__(f'Vector({dtype}, {lanes_of(dtype)})')


@functools.cache
def _features() -> frozenset[str]:
    return frozenset(name for name, has in llvm.get_host_cpu_features().items() if has)


@functools.cache
def _vector_bytes() -> int:
    # 64 where there is AVX-512 was no faster, and leaves more of a row to padding
    return 32 if 'avx' in _features() else 16


@functools.cache
def _n_registers() -> int:
    """How many registers a tile may fill, so that some are left for what is multiplied."""
    many = 'avx512vl' in _features() or 'neon' in _features()  # 32, or else 16
    return 24 if many else 12


def lanes_of(dtype: types.Float) -> int:
    """How many numbers a vector has."""
    return _vector_bytes() * 8 // dtype.bitwidth


def padded(n: int, dtype: np.dtype) -> int:
    """The least whole number of vectors that n numbers fit in, in numbers."""
    lanes = _vector_bytes() // np.dtype(dtype).itemsize
    return -(-n // lanes) * lanes


def aligned_zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Zeros that begin at a multiple of `ALIGNMENT`."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size].view(dtype).reshape(shape)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Vector) -> None:
        element = ir.DoubleType() if fe_type.dtype == types.float64 else ir.FloatType()
        super().__init__(dmm, fe_type, ir.VectorType(element, lanes_of(fe_type.dtype)))


def _splat(builder: Any, x: Any, vector: ir.VectorType) -> Any:
    index = ir.Constant(ir.IntType(32), 0)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), x, index)
    mask = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), None)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), mask)


def _vector_pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """To the vector that begins at element `index` of what the array's data points to."""
    data = context.make_array(array_type)(context, builder, array).data
    vector = context.get_value_type(Vector(array_type.dtype))
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


@intrinsic
def lanes(typingctx: Any, x: Any) -> Any:
    """How many numbers of this array's dtype a vector has, a constant."""
    del typingctx
    n = lanes_of(x.dtype)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        del builder, args
        return context.get_constant(sig.return_type, n)

    return types.intp(x), generate


@intrinsic
def load(typingctx: Any, x: Any, k: Any) -> Any:
    """The vector that begins at x[k]."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = _vector_pointer(context, builder, sig.args[0], *args)
        return builder.load(pointer, align=x.dtype.bitwidth // 8)

    return Vector(x.dtype)(x, types.intp), generate


@intrinsic
def store(typingctx: Any, x: Any, k: Any, value: Any) -> Any:
    """Put a vector at x[k] and on."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array, index, vector = args
        pointer = _vector_pointer(context, builder, sig.args[0], array, index)
        builder.store(vector, pointer, align=x.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(x, types.intp, Vector(x.dtype)), generate


@intrinsic
def bytes_of(typingctx: Any, x: Any) -> Any:
    """How many bytes each number of a vector has, a constant."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        del builder, args
        return context.get_constant(sig.return_type, x.dtype.bitwidth // 8)

    return types.intp(x), generate


@intrinsic
def zero_vector(typingctx: Any, x: Any) -> Any:
    """A vector of zeros of this array's dtype."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        del builder, args
        return ir.Constant(context.get_value_type(sig.return_type), None)

    return Vector(x.dtype)(x), generate


@intrinsic
def total(typingctx: Any, x: Any) -> Any:
    """The sum of a vector's numbers, in pairs."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        del context, sig
        (part,) = args
        n = part.type.count
        while n > 1:
            half = n // 2
            index = ir.VectorType(ir.IntType(32), half)
            low, high = (
                builder.shuffle_vector(part, part, ir.Constant(index, list(of)))
                for of in (range(half), range(half, n))
            )
            part, n = builder.fadd(low, high), half
        return builder.extract_element(part, ir.Constant(ir.IntType(32), 0))

    return x.dtype(x), generate


@intrinsic
def at_most(typingctx: Any, x: Any, bound: Any) -> Any:
    """The smaller of each number and a bound; NaN stays."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bound = _splat(builder, context.cast(builder, args[1], sig.args[1], x.dtype), args[0].type)
        return builder.select(builder.fcmp_ordered('>', args[0], bound), bound, args[0])

    return x(x, bound), generate


@intrinsic
def at_least(typingctx: Any, x: Any, bound: Any) -> Any:
    """The larger of each number and a bound; NaN stays."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bound = _splat(builder, context.cast(builder, args[1], sig.args[1], x.dtype), args[0].type)
        return builder.select(builder.fcmp_ordered('<', args[0], bound), bound, args[0])

    return x(x, bound), generate


@intrinsic
def where_positive(typingctx: Any, x: Any, y: Any) -> Any:
    """y where x > 0, and zero elsewhere."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        del context, sig
        zero = ir.Constant(args[0].type, None)
        return builder.select(builder.fcmp_ordered('>', args[0], zero), args[1], zero)

    return x(x, x), generate


@intrinsic
def size(typingctx: Any, x: Any) -> Any:
    """|x|."""
    del typingctx

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        del context, sig
        zero = ir.Constant(args[0].type, None)
        negative = builder.fcmp_ordered('<', args[0], zero)
        return builder.select(negative, builder.fsub(zero, args[0]), args[0])

    return x(x), generate


def _define_operator(python_operator: Any, instruction: str) -> None:
    """x + y and so on of vectors, and of a vector and a number, which is rounded to its dtype."""

    def kinds(a: Any, b: Any) -> Any:
        if isinstance(a, Vector) and (b == a or isinstance(b, types.Float)):
            return a
        return b if isinstance(b, Vector) and isinstance(a, types.Float) else None

    @type_callable(python_operator)
    def type_of(context: Any) -> Any:
        del context

        def typer(a: Any, b: Any) -> Any:
            kind = kinds(a, b)
            return None if kind is None else signature(kind, a, b)

        return typer

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = context.get_value_type(sig.return_type)
        sides = [
            x
            if isinstance(kind, Vector)
            else _splat(builder, context.cast(builder, x, kind, sig.return_type.dtype), vector)
            for x, kind in zip(args, sig.args, strict=True)
        ]
        return getattr(builder, instruction)(*sides)

    for a, b in ((Vector, Vector), (Vector, types.Float), (types.Float, Vector)):
        lower_builtin(python_operator, a, b)(generate)


for _operator, _instruction in (
    (operator.add, 'fadd'),
    (operator.sub, 'fsub'),
    (operator.mul, 'fmul'),
    (operator.truediv, 'fdiv'),
    (operator.iadd, 'fadd'),
    (operator.isub, 'fsub'),
    (operator.imul, 'fmul'),
):
    _define_operator(_operator, _instruction)


def tile_width(n_rows: int) -> int:
    """How many vectors a tile of so many rows is wide at most."""
    return _n_registers() // n_rows


def _tile_of(J: int) -> Any:
    """What computes a tile of J rows of a product."""

    @intrinsic
    def tile(
        typingctx: Any, X: Any, first: Any, along_j: Any, along_i: Any, M: Any, n: Any, out: Any,
        j: Any, k: Any, width: Any, adds: Any,
    ) -> Any:  # fmt: skip
        """out[j + a, k:] = sum_{i < n} X(first + a along_j + i along_i) M[i, k:] for a < J, over
        `width` vectors; or += if `adds`. X(p) is the number that lies p numbers into X.
        """
        del typingctx, first, along_j, along_i, n, j, k, width, adds
        n_type = types.intp
        sig = types.void(
            X, n_type, n_type, n_type, M, n_type, out, n_type, n_type, n_type, types.boolean
        )
        return sig, functools.partial(_generate_tile, J)

    return tile


def _generate_tile(J: int, context: Any, builder: Any, sig: Any, args: Any) -> Any:
    """For each width a loop over i, whose sums are in as many registers as the tile has vectors."""
    X, first, along_j, along_i, M, n, out, j, k, width, adds = args
    vector = context.get_value_type(Vector(sig.args[4].dtype))
    n_type, align = k.type, sig.args[4].dtype.bitwidth // 8
    M_array, out_array, X_array = (
        context.make_array(sig.args[at])(context, builder, array)
        for at, array in ((4, M), (6, out), (0, X))
    )
    row_length = cgutils.unpack_tuple(builder, M_array.shape, 2)[1]
    zero = ir.Constant(vector, None)

    def constant(value: int) -> Any:
        return ir.Constant(n_type, value)

    def vector_at(data: Any, start: Any, w: int) -> Any:
        place = builder.add(start, constant(w * vector.count))
        return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())

    x_starts = [builder.add(first, builder.mul(along_j, constant(a))) for a in range(J)]
    out_starts = [
        builder.add(builder.mul(builder.add(j, constant(a)), row_length), k) for a in range(J)
    ]
    end = builder.append_basic_block('end')
    switch = builder.switch(width, end)
    for n_wide in range(1, tile_width(J) + 1):
        places = [(a, w) for w in range(n_wide) for a in range(J)]
        before, loop, after = (
            builder.append_basic_block(f'{name}{n_wide}') for name in ('before', 'loop', 'after')
        )
        switch.add_case(constant(n_wide), before)

        builder.position_at_end(before)
        starts = [
            builder.select(
                adds, builder.load(vector_at(out_array.data, out_starts[a], w), align=align), zero
            )
            for a, w in places
        ]
        builder.cbranch(builder.icmp_signed('>', n, constant(0)), loop, after)

        builder.position_at_end(loop)
        i = builder.phi(n_type)
        sums = [builder.phi(vector) for _ in places]
        row_start = builder.add(builder.mul(i, row_length), k)
        column_start = builder.mul(i, along_i)
        x = [
            _splat(
                builder,
                builder.load(builder.gep(X_array.data, [builder.add(start, column_start)])),
                vector,
            )
            for start in x_starts
        ]
        added = []
        for (a, w), summed in zip(places, sums, strict=True):
            if a == 0:
                m = builder.load(vector_at(M_array.data, row_start, w), align=align)
            added.append(builder.fadd(summed, builder.fmul(x[a], m)))
        next_i = builder.add(i, constant(1))
        for phi, start, value in zip(
            [i, *sums], [constant(0), *starts], [next_i, *added], strict=True
        ):
            phi.add_incoming(start, before)
            phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed('<', next_i, n), loop, after)

        builder.position_at_end(after)
        results = [builder.phi(vector) for _ in places]
        for phi, start, value in zip(results, starts, added, strict=True):
            phi.add_incoming(start, before)
            phi.add_incoming(value, loop)
        for (a, w), result in zip(places, results, strict=True):
            builder.store(result, vector_at(out_array.data, out_starts[a], w), align=align)
        builder.branch(end)
    builder.position_at_end(end)
    return context.get_dummy_value()


tile_1, tile_2, tile_3 = _tile_of(1), _tile_of(2), _tile_of(3)
