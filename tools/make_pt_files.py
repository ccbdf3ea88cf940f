"""Writes the .pt files that the tests of dev.noether.io read.

    python3 tools/make_pt_files.py io/src/test/resources/dev/noether/io

needs PyTorch (made with 1.13; any version from 1.6 on does). Besides the files it prints nothing:
what they hold is written down in PtFileTest, from the same formulas. The tests need no Python.
"""

import collections
import io
import pathlib
import sys
import zipfile

import torch

DTYPES = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def deflated(source: bytes) -> bytes:
    """The same archive with every entry deflated, which torch.save never does but zip tools do."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return target.getvalue()


def saved(value, **options) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def model() -> torch.nn.Module:
    """A state dict with _metadata, filled with 0, 1, 2, ... / 8."""
    layers = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    start = 0
    for value in layers.state_dict().values():
        numbers = torch.arange(start, start + value.numel(), dtype=torch.float64) / 8
        value.copy_(numbers.reshape(value.shape))
        start += value.numel()
    return layers


def views() -> dict:
    """Tensors that share one storage, 0, 1, ..., 23, in every way that strides allow."""
    base = torch.arange(24.0).reshape(4, 6)
    return {
        "whole": base,
        "transposed": base.t(),
        "column": base[:, 2],
        "block": base[1:3, 2:5],
        "steps": base[::2, ::3],
        "expanded": base[3, 5].expand(2, 3),
        "repeated_rows": base[1:2].expand(3, 6),
        "scalar": base[0, 1],
        "empty": base[:0],
        "empty_middle": torch.empty(2, 0, 3),
        "windows": base.reshape(24).unfold(0, 4, 2),
    }


def checkpoint() -> dict:
    """A nested checkpoint of a run, with an optimizer that has taken a step, and plain values."""
    torch.manual_seed(0)
    layers = model()
    optimizer = torch.optim.Adam(layers.parameters(), lr=0.125)
    layers(torch.ones(5, 3)).square().sum().backward()
    optimizer.step()
    tagged = torch.nn.Parameter(torch.tensor([5.0, 6.0]))
    return {
        "model": model().state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": 3,
        "best": 0.25,
        "name": "run 7",
        "done": False,
        "nothing": None,
        "large": 1 << 100,
        "shape": torch.Size([2, 3]),
        "dtype": torch.float32,
        "device": torch.device("cpu"),
        "bytes": b"abc\xff",
        "set": {4},
        "history": [torch.tensor([1.0]), torch.tensor([2.0])],
        "counts": collections.Counter({30: 1}),
        "tagged": tagged,
    }


def main(folder: pathlib.Path) -> None:
    dtypes = {name: torch.tensor([[0, 1], [2, 3]]).to(getattr(torch, name)) for name in DTYPES}
    files = {
        "model": saved(model().state_dict()),
        "dtypes": saved(collections.OrderedDict(dtypes)),
        "views": saved(views()),
        "deflated": deflated(saved(views())),
        "checkpoint": saved(checkpoint()),
        "tensor": saved(torch.tensor([1.5, -2.0])),
        "protocol3": saved(model().state_dict(), pickle_protocol=3),
        "protocol4": saved(model().state_dict(), pickle_protocol=4),
        "protocol5": saved(model().state_dict(), pickle_protocol=5),
        "legacy": saved(model().state_dict(), _use_new_zipfile_serialization=False),
        "whole_model": saved(torch.nn.Linear(1, 1)),
        "complex": saved(torch.tensor([1j])),
        "sparse": saved({"s": torch.eye(2).to_sparse()}),
    }
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), script)
    files["torchscript"] = script.getvalue()
    for name, content in files.items():
        (folder / (name + ".pt")).write_bytes(content)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
