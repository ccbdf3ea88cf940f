"""State dicts of the Python package symm_learning 0.4.5, for Noether's tests.

    python tools/python_states.py make FOLDER     writes the cases
    python tools/python_states.py check FOLDER    loads what Noether wrote, strictly, and compares outputs

A case NAME is NAME.pt, the state dict as torch.save writes it, and NAME.safetensors with the same tensors as state.*,
inputs as input.*, outputs in evaluation as output.*, and the layer in Noether's words as the text "architecture".
Needs torch, escnn and symm_learning; seeds are fixed.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from escnn.group import Representation, cyclic_group, dihedral_group, octa_group
from symm_learning import nn
from symm_learning.nn.linear import InvariantBias, impose_linear_equivariance
from symm_learning.representation_theory import direct_sum

DTYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "BOOL": "?"}
GROUPS = {"C3": cyclic_group(3), "C4": cyclic_group(4), "D3": dihedral_group(3), "Octahedral": octa_group()}
EXPANSIONS = {"iso": "isotypic_expansion", "heavy": "memory_heavy"}


def write_safetensors(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor.detach().numpy())
        dtype = next(k for k, v in DTYPES.items() if np.dtype(v) == array.dtype)
        offsets = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": offsets}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    content = Path(path).read_bytes()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:start])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(content[start + begin : start + end], DTYPES[entry["dtype"]])
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    return tensors, metadata


def representation(text):
    """The representation that Noether calls by this text; of its grammar, what the cases use."""
    name, terms = text.split(": ")
    group = GROUPS[name]
    parts = []
    for term in terms.split(" + "):
        count, _, kind = term.rpartition(" x ")
        if kind == "regular":
            part = group.regular_representation
        elif kind == "trivial":
            part = group.trivial_representation
        else:
            part = group.irrep(*map(int, kind[len("irrep(") : -1].split(",")))
        parts += [part] * int(count or 1)
    return direct_sum(parts)


def turned(rep, name):
    """The same matrices rho(g) with another change of basis: copies of an irrep mixed, irreps in another order."""
    group = rep.group
    random = np.random.RandomState(5)
    starts, start = {}, 0
    for irrep in rep.irreps:
        starts.setdefault(irrep, []).append(start)
        start += group.irrep(*irrep).size
    columns, irreps = [], []
    for irrep in reversed(list(starts)):
        size, count = group.irrep(*irrep).size, len(starts[irrep])
        mix = np.linalg.qr(random.randn(count, count))[0]
        blocks = [rep.change_of_basis[:, s : s + size] for s in starts[irrep]]
        for i in range(count):
            columns.append(sum(mix[i, j] * blocks[j] for j in range(count)))
            irreps.append(irrep)
    basis = np.concatenate(columns, 1)
    other = Representation(group, name, irreps, basis, set())
    assert all(np.allclose(other(g), rep(g)) for g in group.elements)
    return other


def layer(architecture, change=lambda rep, role: rep):
    """The layer that an architecture describes."""
    kind, settings = architecture["type"], architecture.get("settings", {})
    reps = {role: change(representation(text), role) for role, text in architecture["representations"].items()}
    flag = lambda name, default="true": settings.get(name, default) == "true"
    expansion = settings.get("expansion", "isotypic_expansion").lower()
    if kind == "EquivariantLinear":
        return nn.eLinear(reps["in"], reps["out"], bias=flag("bias"), basis_expansion_scheme=expansion)
    if kind == "Linear":
        linear = torch.nn.Linear(int(settings["in_features"]), int(settings["out_features"]), bias=flag("bias"))
        impose_linear_equivariance(linear, reps["in"], reps["out"], basis_expansion_scheme=expansion)
        return linear
    if kind == "InvariantBias":
        return InvariantBias(reps["in"])
    if kind == "EquivariantAffine":
        return nn.eAffine(reps["in"], bias=flag("bias"), learnable=flag("learnable"))
    if kind in ("EquivariantConv1d", "EquivariantConvTranspose1d"):
        names = ["stride", "padding", "dilation"] + (["output_padding"] if "Transpose" in kind else [])
        geometry = {name: int(settings[name]) for name in names if name in settings}
        make = nn.eConvTranspose1d if "Transpose" in kind else nn.eConv1d
        return make(reps["in"], reps["out"], int(settings["kernel_size"]), basis_expansion=expansion, **geometry)
    if kind == "EquivariantMultiheadAttention":
        return nn.eMultiheadAttention(reps["in"], int(settings["heads"]), bias=flag("bias"), batch_first=True)
    if kind == "EquivariantRmsNorm":
        return nn.eRMSNorm(reps["in"])
    if kind == "EquivariantLayerNorm":
        return nn.eLayerNorm(reps["in"], bias=flag("bias"))
    if kind == "EquivariantBatchNorm1d":
        return nn.eBatchNorm1d(reps["in"])
    if kind == "ChangeToIsotypicBasis":
        return nn.Change2DisentangledBasis(reps["in"])
    if kind == "IrrepSubspaceNormPooling":
        return nn.IrrepSubspaceNormPooling(reps["in"])
    if kind == "EquivariantMultivariateNormal":
        return nn.eMultivariateNormal(reps["out"])
    if kind == "EmaStatistics":
        return nn.EMAStats(int(settings["size_x"]), int(settings["size_y"]))
    if kind == "EquivariantEmaStatistics":
        return nn.eEMAStats(reps["x"], reps["y"])
    if kind == "EquivariantSequential":
        return torch.nn.Sequential(*(layer({"representations": {}, **part}, change) for part in architecture["layers"]))
    raise ValueError(kind)


def cases():
    """All cases by name: architectures in Noether's words."""

    def of(kind, layers=None, **words):
        roles = {role: words.pop(role) for role in ("in", "out", "x", "y") if role in words}
        architecture = {"type": kind, "representations": roles, "settings": {k: str(v) for k, v in words.items()}}
        return {**architecture, "layers": layers} if layers else architecture

    mixed, d3 = "C4: 2 x regular + irrep(1)", "D3: regular + irrep(1,1)"
    all_cases = {}
    for short, expansion in EXPANSIONS.items():
        word = {"expansion": expansion.upper()}
        all_cases |= {
            f"linear-c4-{short}": of("EquivariantLinear", **{"in": mixed, "out": "C4: regular + trivial"}, **word),
            f"linear-d3-{short}": of("EquivariantLinear", **{"in": d3, "out": "D3: 2 x irrep(1,1)"}, **word),
            f"constrained-{short}": of(
                "Linear", **{"in": "C4: regular", "out": "C4: 2 x regular"}, in_features=4, out_features=8, **word
            ),
            f"conv-{short}": of(
                "EquivariantConv1d", **{"in": "C3: regular", "out": d_c3()}, kernel_size=3, padding=1, dilation=2, **word
            ),
            f"conv-transpose-{short}": of(
                "EquivariantConvTranspose1d",
                **{"in": "D3: regular", "out": "D3: irrep(1,1) + trivial"},
                kernel_size=4,
                stride=2,
                padding=1,
                output_padding=1,
                **word,
            ),
        }
    one = {"in": "C4: regular"}
    all_cases |= {
        "linear-octahedral": of(
            "EquivariantLinear", **{"in": "Octahedral: irrep(1) + irrep(2)", "out": "Octahedral: 2 x irrep(1) + irrep(2)"}
        ),
        "affine": of("EquivariantAffine", **{"in": d3}, learnable="true", bias="true"),
        "affine-film": of("EquivariantAffine", **{"in": d3}, learnable="false", bias="true"),
        "invariant-bias": of("InvariantBias", **{"in": mixed}),
        "attention": of("EquivariantMultiheadAttention", **{"in": "C3: 2 x regular"}, heads=2),
        "rms-norm": of("EquivariantRmsNorm", **{"in": d3}),
        "layer-norm": of("EquivariantLayerNorm", **{"in": d3}, bias="true"),
        "batch-norm": of("EquivariantBatchNorm1d", **one),
        "isotypic": of("ChangeToIsotypicBasis", **{"in": mixed}),
        "norm-pooling": of("IrrepSubspaceNormPooling", **{"in": mixed}),
        "normal": of("EquivariantMultivariateNormal", **{"out": d3}, covariance="DIAGONAL"),
        "ema": of("EmaStatistics", size_x=3, size_y=2),
        "ema-equivariant": of("EquivariantEmaStatistics", x="C3: regular", y="C3: irrep(1)"),
        "chain": of(
            "EquivariantSequential",
            layers=[
                of("EquivariantLinear", **{"in": "C3: regular", "out": "C3: 2 x regular"}),
                of("EquivariantRmsNorm", **{"in": "C3: 2 x regular"}),
                of("EquivariantLinear", **{"in": "C3: 2 x regular", "out": "C3: irrep(1)"}, bias="false"),
            ],
        ),
    }
    return all_cases


def double(architecture):
    return {**architecture, "settings": {**architecture["settings"], "dtype": "float64"}}


def d_c3():
    return "C3: regular + irrep(1)"


TURNED = [
    "linear-c4-iso",
    "linear-c4-heavy",
    "linear-d3-iso",
    "linear-octahedral",
    "constrained-iso",
    "constrained-heavy",
    "conv-iso",
    "conv-transpose-heavy",
    "invariant-bias",
    "affine",
    "isotypic",
]


def randomize(module):
    torch.manual_seed(11)
    for name, tensor in module.state_dict(keep_vars=True).items():
        if tensor.requires_grad:
            tensor.data = torch.randn_like(tensor)
        elif name.endswith("running_mean"):
            tensor.copy_(tensor + 0.5)
        elif name.endswith("running_var"):
            tensor.copy_(tensor * 1.5)
    if hasattr(module, "invalidate_cache"):
        module.invalidate_cache()


def inputs(architecture):
    torch.manual_seed(12)
    kind = architecture["type"]
    if "layers" in architecture:
        return inputs(architecture["layers"][0])
    if "EmaStatistics" in kind:
        x, y = (3, 2)
        return {"x": torch.randn(7, x), "y": torch.randn(7, y)}
    size = representation(next(iter(architecture["representations"].values()))).size
    if "Conv" in kind:
        return {"x": torch.randn(2, size, 9)}
    if "Attention" in kind:
        return {"x": torch.randn(2, 5, size)}
    if "Normal" in kind:
        irreps = len(representation(architecture["representations"]["out"]).irreps)
        return {"x": torch.randn(4, size + irreps)}
    if architecture.get("settings", {}).get("learnable") == "false":
        rep = representation(architecture["representations"]["in"])
        trivial = sum(irrep == rep.group.trivial_representation.id for irrep in rep.irreps)
        return {"x": torch.randn(4, size), "scale": torch.randn(4, len(rep.irreps)), "bias": torch.randn(4, trivial)}
    return {"x": torch.randn(4, size)}


def outputs(architecture, module, given):
    kind = architecture["type"]
    module.eval()
    with torch.no_grad():
        if "EmaStatistics" in kind:
            return {}
        if "Attention" in kind:
            return {"y": module(given["x"], given["x"], given["x"], need_weights=False)[0]}
        if "Normal" in kind:
            normal = module(given["x"])
            return {"mean": normal.mean, "variance": torch.diagonal(normal.covariance_matrix, dim1=-2, dim2=-1)}
        return {"y": module(*given.values())}


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    everything = [(name, case, False) for name, case in cases().items()]
    everything += [(f"{name}-turned", cases()[name], True) for name in TURNED]
    everything += [(f"{name}-float64", double(cases()[name]), False) for name in ("linear-c4-iso", "attention")]
    for name, architecture, turn in everything:
        torch.set_default_dtype(torch.float64 if name.endswith("float64") else torch.float32)
        change = (lambda rep, role: turned(rep, f"{name}-{role}")) if turn else (lambda rep, role: rep)
        module = layer(architecture, change)
        randomize(module)
        given = inputs(architecture)
        if "EmaStatistics" in architecture["type"]:
            module(**given)
            module(**{k: 2 * v + 1 for k, v in given.items()})
        found = outputs(architecture, module, given)
        state = module.state_dict()
        torch.save(state, folder / f"{name}.pt")
        tensors = {f"state.{k}": v for k, v in state.items()}
        tensors |= {f"input.{k}": v for k, v in given.items()}
        tensors |= {f"output.{k}": v for k, v in found.items()}
        write_safetensors(folder / f"{name}.safetensors", tensors, {"architecture": json.dumps(architecture)})


def check(folder):
    """Every NAME.pt in the folder beside NAME.safetensors with architecture, inputs and outputs."""
    worst = 0
    for path in sorted(folder.glob("*.pt")):
        expected, metadata = read_safetensors(path.with_suffix(".safetensors"))
        architecture = json.loads(metadata["architecture"])
        wide = architecture.get("settings", {}).get("dtype") == "float64"
        torch.set_default_dtype(torch.float64 if wide else torch.float32)
        module = layer(architecture)
        module.load_state_dict(torch.load(path), strict=True)
        given = {k[len("input.") :]: v for k, v in expected.items() if k.startswith("input.")}
        found = outputs(architecture, module, given)
        error = 0
        for key, value in found.items():
            want = expected[f"output.{key}"]
            error = max(error, float((value - want).abs().max() / max(1, want.abs().max())))
        same = [k for k, v in module.state_dict().items() if torch.equal(v, expected.get(f"state.{k}", torch.empty(0)))]
        print(f"{path.stem}: {len(module.state_dict())} tensors, {len(same)} the same bit for bit, outputs to {error:.1e}")
        worst = max(worst, error)
    print(f"largest error {worst:.1e}")
    return worst


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "make":
        make(folder)
    else:
        sys.exit(0 if check(folder) < 1e-6 else 1)
