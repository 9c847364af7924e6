"""Checkpoints of strangers: nothing is run, nothing is asked of the file that it does not have."""

from __future__ import annotations

import collections
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import torch

from archgraph.errors import ArchGraphError, FileError, FormatError
from archgraph.exporters.pytorch import read_weights

TABLE = torch.arange(24.0).reshape(4, 6)

SAVED = {
    "views": {"a": TABLE[1:], "b": TABLE.T, "c": TABLE, "d": TABLE[0].expand(3, 6)},
    "types": {
        str(kind): torch.zeros(3).to(kind)
        for kind in (torch.float16, torch.bfloat16, torch.int64, torch.bool, torch.complex64)
    },
    "empty": {"none": torch.zeros(0, 3), "one": torch.tensor(3)},
    "parameters": collections.OrderedDict(a=torch.nn.Parameter(TABLE), b=TABLE),
    "wrapped": {
        "state_dict": torch.nn.BatchNorm1d(3).state_dict(),
        "epoch": 3,
        "words": {"a", "b"},
        "optimizer": torch.optim.Adam([torch.nn.Parameter(TABLE)]).state_dict(),
    },
}


@pytest.mark.parametrize("archive", [True, False], ids=["archive", "before 1.6"])
@pytest.mark.parametrize("name", SAVED)
def test_what_torch_saves_is_read_as_torch_reads_it(name, archive, tmp_path):
    torch.save(SAVED[name], tmp_path / "w.pth", _use_new_zipfile_serialization=archive)
    wanted = torch.load(tmp_path / "w.pth", weights_only=True)
    wanted = wanted.get("state_dict", wanted)
    found = read_weights(tmp_path / "w.pth")
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)


class Program:
    """A pickle, written step by step."""

    def __init__(self) -> None:
        self.code = b"\x80\x02"

    def named(self, module: str, name: str) -> Program:
        self.code += f"c{module}\n{name}\n".encode()
        return self

    def value(self, value: object) -> Program:
        self.code += pickle.dumps(value, 2)[2:-1]
        return self

    def called(self) -> Program:
        self.code += b"R"
        return self

    def storage(self, kind: str, key: str, count: int) -> Program:
        self.code += b"("
        self.value("storage").named("torch", kind).value(key).value("cpu").value(count)
        self.code += b"tQ"
        return self

    def tensor(self, kind: str, count: int, size: tuple, stride: tuple, offset: int = 0) -> Program:
        """Add ``{"a": tensor}``."""
        self.code += b"}"
        self.value("a").named("torch._utils", "_rebuild_tensor_v2")
        self.code += b"("
        self.storage(kind, "0", count).value(offset).value(size).value(stride).value(False)
        self.named("collections", "OrderedDict").value(()).called()
        self.code += b"tRs"
        return self

    def written(self, path: Path, records: dict[str, bytes] | None = None, **more) -> Path:
        with zipfile.ZipFile(path, "w", more.pop("compression", zipfile.ZIP_STORED)) as archive:
            archive.writestr("w/data.pkl", self.code + b".")
            archive.writestr("w/version", "3")
            archive.writestr("w/byteorder", "little")
            for name, content in (records or {}).items():
                archive.writestr(f"w/data/{name}", content)
        return path


def refused(path: Path, match: str) -> None:
    with pytest.raises(FormatError, match=match) as caught:
        read_weights(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


class TestPickles:
    def test_a_program_of_this_kind_is_a_checkpoint(self, tmp_path):
        path = (
            Program()
            .tensor("FloatStorage", 6, (2, 3), (3, 1))
            .written(tmp_path / "w.pth", {"0": struct.pack("<6f", *range(6))})
        )
        assert read_weights(path)["a"].tolist() == [[0, 1, 2], [3, 4, 5]]

    @pytest.mark.parametrize(
        ("tensor", "said"),
        [
            (("FloatStorage", 2**40, (2,), (1,)), "not as large as its record"),
            (("DoubleStorage", 6, (2,), (1,)), "not as large as its record"),
            (("FloatStorage", -1, (2,), (1,)), "has no size"),
            (("FloatStorage", 6, (2**40,), (1,)), "larger than its storage"),
            (("FloatStorage", 6, (2, 3), (1 << 40, 1)), "larger than its storage"),
            (("FloatStorage", 6, (2, 3), (3, 1), 1), "larger than its storage"),
            (("FloatStorage", 6, (2,), (-1,)), "has no shape"),
            (("FloatStorage", 6, (2, 3), (1,)), "has no shape"),
        ],
    )
    def test_more_than_the_file_holds(self, tensor, said, tmp_path):
        path = Program().tensor(*tensor).written(tmp_path / "w.pth", {"0": bytes(24)})
        refused(path, said)

    @pytest.mark.parametrize(
        ("module", "name", "arguments"),
        [
            ("os", "system", ("touch sprung",)),
            ("builtins", "bytearray", (10**12,)),
            ("_codecs", "encode", ("a" * 1000, "hex")),
            ("torch", "FloatTensor", (10**12,)),
            ("torch.hub", "load", ("a", "b")),
            ("numpy", "zeros", (10**12,)),
        ],
    )
    def test_other_names_than_those_of_tensors(self, module, name, arguments, tmp_path):
        program = Program().named(module, name).value(arguments).called()
        refused(program.written(tmp_path / "w.pth"), f"holds '{module}.{name}' beside tensors")
        (tmp_path / "plain.pth").write_bytes(program.code + b".")
        refused(tmp_path / "plain.pth", f"holds '{module}.{name}' beside tensors")

    def test_a_tensor_made_of_nothing(self, tmp_path):
        program = Program().named("torch", "Tensor").value((10**12,)).called()
        refused(program.written(tmp_path / "w.pth"), "makes a tensor of nothing")

    def test_lengths_beyond_the_end(self, tmp_path):
        for code in (b"X\xff\xff\xff\xff", b"\x8e" + b"\xff" * 8, b"\x96\xff\xff\xff\xff\0\0\0\0"):
            program = Program()
            program.code += code
            refused(program.written(tmp_path / "w.pth"), "not a PyTorch weight file")

    def test_places_in_the_memo_beyond_any(self, tmp_path):
        program = Program()
        program.code += b"}r\xff\xff\xff\xff"
        refused(program.written(tmp_path / "w.pth"), "does not hold a state dict")


class TestArchives:
    def test_compressed_records(self, tmp_path):
        program = Program().tensor("FloatStorage", 2**24, (2**24,), (1,))
        path = program.written(
            tmp_path / "w.pth", {"0": bytes(2**26)}, compression=zipfile.ZIP_DEFLATED
        )
        assert path.stat().st_size < 2**18
        refused(path, "its records are compressed")

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_records_of_one_name(self, tmp_path):
        path = (
            Program()
            .tensor("FloatStorage", 1, (1,), (1,))
            .written(tmp_path / "w.pth", {"0": bytes(4)})
        )
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("w/data/0", bytes(4))
        refused(path, "two records of one name")

    def test_an_archive_of_other_things(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "w.pth", "w") as archive:
            archive.writestr("readme.txt", "hello")
        refused(tmp_path / "w.pth", r"has no data\.pkl")

    @pytest.mark.parametrize("kept", [10, 100, 400])
    def test_files_that_are_cut_off(self, kept, tmp_path):
        for archive in (True, False):
            torch.save({"a": TABLE}, tmp_path / "w.pth", _use_new_zipfile_serialization=archive)
            content = (tmp_path / "w.pth").read_bytes()[:kept]
            (tmp_path / "w.pth").write_bytes(content)
            refused(tmp_path / "w.pth", "not a PyTorch weight file")


class TestSafetensors:
    def written(self, tmp_path, header: object, data: bytes = bytes(8), length: int | None = None):
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        size = struct.pack("<Q", len(text) if length is None else length)
        (tmp_path / "w.safetensors").write_bytes(size + text + data)
        return tmp_path / "w.safetensors"

    def entry(self, **more) -> dict:
        return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **more}}

    def test_a_header_of_this_kind_is_read(self, tmp_path):
        assert read_weights(self.written(tmp_path, self.entry()))["a"].tolist() == [0, 0]

    @pytest.mark.parametrize(
        "more",
        [
            {"data_offsets": [0, 2**60]},
            {"data_offsets": [8, 0]},
            {"data_offsets": [4, 12]},
            {"data_offsets": [-1, 7]},
            {"shape": [2**40]},
            {"shape": [-2]},
            {"shape": [2**63, 2]},
            {"shape": "wide"},
            {"dtype": "F99"},
            {"dtype": 7},
        ],
        ids=str,
    )
    def test_entries_that_lie(self, more, tmp_path):
        refused(self.written(tmp_path, self.entry(**more)), "not a readable safetensors file")

    def test_tensors_that_overlap(self, tmp_path):
        both = self.entry() | {"b": self.entry()["a"]}
        refused(self.written(tmp_path, both), "not a readable safetensors file")

    @pytest.mark.parametrize("length", [0, 3, 2**31, 2**63])
    def test_headers_of_another_length(self, length, tmp_path):
        path = self.written(tmp_path, self.entry(), length=length)
        refused(path, "not a readable safetensors file")

    @pytest.mark.parametrize("header", [b"[" * 100_000, b"{}" * 3, b"\xff{}", b"[]"], ids=str)
    def test_headers_that_are_no_object(self, header, tmp_path):
        refused(self.written(tmp_path, header[:100_000]), "not a readable safetensors file")

    def test_names_that_are_long_stay_out_of_the_sentence(self, tmp_path):
        entry = {"a" * 10**5: self.entry(shape=[3])["a"]}
        refused(self.written(tmp_path, entry), "not a readable safetensors file")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
class TestWhatIsNoFile:
    def test_a_pipe_is_not_waited_for(self, suffix, tmp_path):
        os.mkfifo(tmp_path / f"w.{suffix}")
        with pytest.raises(FileError, match="a pipe or a device"):
            read_weights(tmp_path / f"w.{suffix}")

    def test_a_device_is_not_read(self, suffix, tmp_path):
        (tmp_path / f"w.{suffix}").symlink_to("/dev/zero")
        with pytest.raises(FileError, match="a pipe or a device"):
            read_weights(tmp_path / f"w.{suffix}")

    def test_folders_and_empty_files_are_named(self, suffix, tmp_path):
        with pytest.raises(FileError, match="it is a folder"):
            read_weights(tmp_path)
        (tmp_path / f"w.{suffix}").touch()
        with pytest.raises(ArchGraphError, match=rf"w\.{suffix}"):
            read_weights(tmp_path / f"w.{suffix}")
