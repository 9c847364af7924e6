"""Names of files made after names of networks, which may be anything."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archgraph.files.file_names import FileNames
from archgraph.limits import FILE_NAME


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("resnet50", "resnet50"),
        ("resnet18/layer1.0", "resnet18-layer1.0"),
        ("한국어 모델", "한국어-모델"),
        ("हिन्दी", "हिन्दी"),
        ("cafe\u0301", "caf\u00e9"),
        ("..", "network"),
        ("", "network"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\x", "C-Windows-x"),
        ('<>:"|?*', "network"),
        ("-rf", "rf"),
        (".hidden", "hidden"),
        ("ends. ", "ends"),
        ("con", "_con"),
        ("NUL.onnx", "_NUL.onnx"),
        ("com1", "_com1"),
        ("LPT¹", "_LPT¹"),
        ("console", "console"),
        ("a\0b\nc", "a-b-c"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\ud800", "network"),
        ("가" * 100, "가" * (FILE_NAME // 3)),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_safe(text, name):
    assert FileNames().of(text) == name


def test_names_that_a_disk_may_take_for_one_get_numbers():
    names = FileNames(["index.html"])
    given = ["Net", "net", "NET", "INDEX.html", "cafe\u0301", "Caf\u00e9", "net-2"]
    assert [names.of(each) for each in given] == [
        *("Net", "net-2", "NET-3", "INDEX.html-2"),
        *("caf\u00e9", "Caf\u00e9-2", "net-2-2"),
    ]


@given(st.lists(st.text(max_size=120), max_size=8))
@example(["x" * 200, "x" * 201, "X" * 300])
def test_names_are_safe_and_differ_whatever_is_given(texts):
    names = FileNames()
    made = [names.of(text) for text in texts]
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        assert PurePosixPath(name).name == PureWindowsPath(name).name == name
        assert not PureWindowsPath(name).is_reserved()
        assert 0 < len(name.encode()) <= FILE_NAME + 1
        assert not re.search(r'[<>:"|?*\\/\x00-\x1f\s]|^[.-]|[. ]$', name)
